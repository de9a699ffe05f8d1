using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Hosting.Configuration;
using Sluice.Server.Ingest;
using Sluice.Server.Package;
using Sluice.Server.Store;

namespace Sluice.Server.Tests.Support;

/// <summary>
/// The real server in this process: a free port on loopback, its own data folder, a clock that stands still. Files that
/// start with <c>MEDIA</c> are packaged as ready, with <c>ODD</c> as needing an encode, with <c>BOOM</c> by an exception;
/// anything else is refused. Pass <c>realPackager: true</c> for the real thing. No key is needed, also where the options speak of proxies and public names, which
/// shut the door: pass <c>guarded: true</c> for a shut one, and <c>null</c> for that of the options.
/// </summary>
public sealed class SluiceServer : IAsyncDisposable
{
    public const string Playable = "MEDIA and some more bytes";
    public const string Odd = "ODD codecs";
    public const string Garbage = "nothing that plays";

    private readonly bool _ownsData;

    private SluiceServer(WebApplication app, FakeClock clock, LogCapture logs, string data, bool ownsData)
    {
        (App, Clock, Logs, Data, _ownsData) = (app, clock, logs, data, ownsData);
        Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = app.Urls.FirstOrDefault() is { } url ? new Uri(url) : null, // A worker may have no port.
        };
    }

    public WebApplication App { get; }

    public FakeClock Clock { get; }

    public LogCapture Logs { get; }

    public string Data { get; }

    public HttpClient Http { get; }

    /// <summary>The operator key, when this start made it.</summary>
    public string? NewOperatorKey => App.Services.GetRequiredService<OperatorKey>().JustMade;

    internal AssetDirectory Assets => App.Services.GetRequiredService<AssetDirectory>();

    internal static async Task<SluiceServer> StartAsync(
        Action<SluiceOptions>? options = null,
        Action<WebApplicationBuilder>? configure = null,
        bool? guarded = false,
        bool realPackager = false,
        string? data = null,
        FakeClock? clock = null,
        Action<WebApplication>? map = null,
        LoadedConfiguration? loaded = null)
    {
        loaded ??= new LoadedConfiguration(new SluiceOptions());
        var settings = loaded.Options;
        settings.Server.Port = 0;
        settings.Transcode.Enabled = false; // Tests of encoding turn it on; all others are about what needs none.
        settings.Storage.Data = data ?? Directory.CreateTempSubdirectory("sluice-test-").FullName;
        options?.Invoke(settings);
        clock ??= new FakeClock();
        var logs = new LogCapture();
        var app = SluiceHost.Build(loaded, builder =>
        {
            builder.Services.AddSingleton<TimeProvider>(clock);
            builder.Logging.ClearProviders().AddProvider(logs);
            if (!realPackager)
            {
                builder.Services.AddSingleton<PackageStep>(PackageByFirstBytes);
            }

            if (guarded is { } isShut)
            {
                var door = new SluiceOptions();
                door.Server.Host = isShut ? "192.0.2.1" : "127.0.0.1";
                door.Server.AllowedOrigins = [.. settings.Server.AllowedOrigins, .. settings.Server.PublicUrl is { } url ? (string[])[OriginList.Of(new Uri(url))] : []];
                builder.Services.AddSingleton(new OpenDoor(door));
            }

            configure?.Invoke(builder);
        });
        map?.Invoke(app);
        await app.StartAsync();
        return new SluiceServer(app, clock, logs, settings.Storage.Data, data is null);
    }

    /// <summary>Uploads text as a file.</summary>
    public Task<HttpResponseMessage> UploadAsync(string content, string path = "/api/v1/media", string fileName = "clip.mp4")
    {
        var form = new MultipartFormDataContent
        {
            { new ByteArrayContent(Encoding.UTF8.GetBytes(content)), "media", fileName },
        };
        return Http.PostAsync(path, form);
    }

    /// <summary>Uploads a real file.</summary>
    public async Task<HttpResponseMessage> UploadFileAsync(string file, string path = "/api/v1/media")
    {
        await using var stream = File.OpenRead(file);
        using var form = new MultipartFormDataContent { { new StreamContent(stream), "media", Path.GetFileName(file) } };
        return await Http.PostAsync(path, form);
    }

    /// <summary>Publishes a playable title and answers with the API's view of it.</summary>
    public async Task<JsonElement> PublishAsync(string query = "")
    {
        using var response = await UploadAsync(Playable, "/api/v1/media" + query);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    public Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, string? bearer = null, string? adminKey = null, string? json = null,
        params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = bearer is null ? null : new AuthenticationHeaderValue("Bearer", bearer);
        if (adminKey is not null)
        {
            request.Headers.Add("X-Admin-Key", adminKey);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }

        return Http.SendAsync(request);
    }

    /// <summary>Everything in the media and stage folders, by relative path.</summary>
    public string[] StoredFiles() =>
    [
        .. new[] { "media", "stage" }
            .SelectMany(folder => Directory.EnumerateFileSystemEntries(Path.Combine(Data, folder), "*", SearchOption.AllDirectories))
            .Select(path => Path.GetRelativePath(Data, path)).Order(StringComparer.Ordinal),
    ];

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();

        // Disposing alone waits for no background work, which would still write while its folder is removed.
        await App.StopAsync();
        await App.DisposeAsync();
        if (_ownsData && Directory.Exists(Data)) // Another server on the same folder may have been first.
        {
            Directory.Delete(Data, recursive: true);
        }
    }

    private static async Task<PackageResult> PackageByFirstBytes(IObjectStage stage, AssetId asset, PackageWish wish, CancellationToken ct)
    {
        var head = new byte[8];
        await using (var source = File.OpenRead(stage.PathOf("source")))
        {
            await source.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, ct);
        }

        var text = Encoding.ASCII.GetString(head);
        if (text.StartsWith("BOOM", StringComparison.Ordinal))
        {
            throw new InvalidOperationException("packaging broke at /some/secret/path");
        }

        TrackVerdict[] tracks = [new("v0", "video", "h264 High", "copy", "plays as it is", "avc1.64001F", null, null)];
        return text.StartsWith("MEDIA", StringComparison.Ordinal)
            ? new PackageResult(null, AssetState.Ready, null, "abcd", 12.5, tracks)
            : text.StartsWith("ODD", StringComparison.Ordinal)
                ? new PackageResult(null, AssetState.NeedsTranscode, "video prores: no browser plays it", "", 12.5, tracks)
                : new PackageResult("There is no movie in it.", AssetState.NeedsTranscode, null, "", 0, []);
    }
}
