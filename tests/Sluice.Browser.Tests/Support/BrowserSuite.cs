using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Sluice.Server.Hosting;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests.Support;

/// <summary>One Chromium, one server with the real pages, and the films: shared by all tests of this project.</summary>
public sealed class BrowserSuite : IAsyncLifetime
{
    private static readonly string[] Flags =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
    ];

    /// <summary>Milliseconds that a test waits for what must come: only one that fails waits so long.</summary>
    public static readonly float LongestWait = (float)Eventually.Patience.TotalMilliseconds;

    private readonly ConcurrentDictionary<string, Lazy<Task<JsonElement>>> _published = new(StringComparer.Ordinal);
    private IPlaywright? _playwright;

    public IBrowser Browser { get; private set; } = null!;

    /// <summary>For tests that neither change the library nor let time pass.</summary>
    public SluiceServer Server { get; private set; } = null!;

    public MediaFiles Films { get; } = new();

    public async ValueTask InitializeAsync()
    {
        if (Requirements.Chromium is null || Requirements.Ffmpeg is null)
        {
            return; // Every test says so.
        }

        _playwright = await Playwright.CreateAsync();
        Assertions.SetDefaultExpectTimeout(LongestWait); // A machine that does something else for a while is no fault of the page.
        Browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Requirements.Chromium, Args = Flags });
        Server = await StartServerAsync();
    }

    /// <summary>A server with the real packager, whose clock reads what the browser's does, and then stands still. On a whole
    /// second: a token's expiry is one, and tests count from it.</summary>
    internal static Task<SluiceServer> StartServerAsync(
        bool guarded = false, Action<WebApplicationBuilder>? configure = null, Action<SluiceOptions>? options = null)
    {
        var clock = new FakeClock();
        var now = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
        clock.Advance(now - clock.GetUtcNow());
        return SluiceServer.StartAsync(realPackager: true, guarded: guarded, clock: clock, configure: configure, options: options);
    }

    /// <summary>A server that encodes: its jobs go on in real time.</summary>
    internal static Task<SluiceServer> StartEncodingServerAsync() => SluiceServer.StartAsync(
        options: o =>
        {
            o.Transcode.Enabled = true;
            o.Ladder = [360, 180];
        },
        configure: builder => builder.Services.AddSingleton(TimeProvider.System),
        realPackager: true);

    /// <summary>The film on <see cref="Server"/>, uploaded once, as the API answered.</summary>
    public Task<JsonElement> PublishedAsync(string film) =>
        _published.GetOrAdd(film, _ => new Lazy<Task<JsonElement>>(() => PublishAsync(Server, film))).Value;

    /// <summary>Uploads a film and answers with the API's view of it.</summary>
    public async Task<JsonElement> PublishAsync(SluiceServer server, string film, string path = "/api/v1/media", string? bearer = null)
    {
        await using var file = File.OpenRead(await Films.PathOfAsync(film));
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new MultipartFormDataContent { { new StreamContent(file), "media", film } },
        };
        request.Headers.Authorization = bearer is null ? null : new("Bearer", bearer);
        using var response = await server.Http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    public async ValueTask DisposeAsync()
    {
        if (Browser is not null)
        {
            await Browser.CloseAsync();
        }

        _playwright?.Dispose();
        if (Server is not null)
        {
            await Server.DisposeAsync();
        }

        Films.Dispose();
    }
}
