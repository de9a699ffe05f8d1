using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Processes;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Transcode;

/// <summary>
/// The real server over HTTP with one film of a minute, 25 pictures a second and no sound, which is encoded in one size and fifteen
/// chunks of a hundred frames, by an ffmpeg that does what a test tells it. One process works for viewers, another in the background.
/// </summary>
internal sealed class FilmServer : IAsyncDisposable
{
    /// <summary>Chunks of the film.</summary>
    public const int Chunks = 15;

    private static readonly Lazy<string> Film = new(() =>
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("sluice-film-").FullName, "film.avi");
        Ffmpeg.Make("-f lavfi -i testsrc2=s=160x90:r=25 -t 60 -c:v mpeg4 -q:v 5 -g 25", path);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        return path;
    });

    private readonly DirectoryInfo _folder;
    private readonly SluiceServer _server;
    private string _segments = "";

    private FilmServer(DirectoryInfo folder, SluiceServer server, FfmpegStub ffmpeg, TimeProvider clock) =>
        (_folder, _server, Encoder, Clock) = (folder, server, ffmpeg, clock);

    /// <summary>The server's.</summary>
    public TimeProvider Clock { get; }

    public FfmpegStub Encoder { get; }

    public HttpClient Http => _server.Http;

    /// <summary>The film as the API shows it after its upload.</summary>
    public JsonElement Media { get; private set; }

    /// <summary>Path of the film, which tests may damage in a copy.</summary>
    public static string FilmPath => Film.Value;

    /// <summary>Starts the server and uploads the film.</summary>
    /// <param name="script">See <see cref="FfmpegStub"/>.</param>
    /// <param name="options">Changes of the configuration. Requests wait until a busy machine has made what they are for.</param>
    /// <param name="speed">How many times faster the server's clock runs: it gives viewers a moment before it encodes for nobody.</param>
    /// <param name="film">Another film.</param>
    /// <param name="held">The encoder is held from the start.</param>
    public static async Task<FilmServer> StartAsync(
        string script, Action<SluiceOptions>? options = null, double speed = 4, string? film = null, bool held = false)
    {
        var folder = Directory.CreateTempSubdirectory("sluice-stub-");
        var stub = new FfmpegStub(folder, script);
        if (held)
        {
            stub.Hold();
        }

        TimeProvider clock = speed == 1 ? TimeProvider.System : new FastClock(speed);
        var server = await SluiceServer.StartAsync(
            options: o =>
            {
                (o.Transcode.Enabled, o.Transcode.WaitSeconds) = (true, (int)(Eventually.Patience.TotalSeconds * speed));
                (o.Transcode.UrgentTasks, o.Transcode.ChunkSeconds) = (1, 4);
                o.Ladder = [90];
                options?.Invoke(o);
            },
            configure: b => b.Services.AddSingleton(new FfmpegTools(stub.Program))
                .AddSingleton(clock),
            realPackager: true);
        var started = new FilmServer(folder, server, stub, clock);
        using var answer = await server.UploadFileAsync(film ?? FilmPath);
        answer.StatusCode.ShouldBe(HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
        started.Media = await answer.JsonAsync();
        return started;
    }

    /// <summary>Where a chunk is.</summary>
    public async Task<string> AddressAsync(int chunk)
    {
        if (_segments.Length == 0)
        {
            var master = new Uri(Media.GetProperty("playback").Text("hls"));
            var media = new Uri(master, (await Http.GetStringAsync(master)).Split('\n').First(l => l.Contains("/v0/index.m3u8", StringComparison.Ordinal)));
            var first = (await Http.GetStringAsync(media)).Split('\n').First(l => l.StartsWith("1.m4s", StringComparison.Ordinal));
            _segments = new Uri(media, first).AbsoluteUri;
        }

        return _segments.Replace("/1.m4s", $"/{chunk}.m4s", StringComparison.Ordinal);
    }

    /// <summary>Asks for a chunk.</summary>
    public async Task<HttpResponseMessage> AskAsync(int chunk, HttpMethod? method = null, CancellationToken ct = default)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, await AddressAsync(chunk));
        return await Http.SendAsync(request, ct);
    }

    /// <summary>Asks for a chunk until it is there, as players do.</summary>
    public async Task<byte[]> FetchAsync(int chunk)
    {
        var (bytes, last) = (default(byte[]), "");
        (await Eventually.Holds(async () =>
        {
            using var answer = await AskAsync(chunk);
            last = $"{answer.StatusCode} {(answer.IsSuccessStatusCode ? "" : await answer.Content.ReadAsStringAsync())}";
            bytes = answer.StatusCode == HttpStatusCode.OK ? await answer.Content.ReadAsByteArrayAsync() : null;
            return answer.StatusCode != HttpStatusCode.ServiceUnavailable;
        })).ShouldBeTrue(last);
        return bytes.ShouldNotBeNull($"chunk {chunk}: {last}");
    }

    /// <summary>The job that encodes the film.</summary>
    public async Task<JsonElement> JobAsync()
    {
        var all = await Http.GetFromJsonAsync<JsonElement>("/api/v1/jobs?asset=" + Media.Text("id"));
        return all.GetProperty("items").EnumerateArray().Single(j => j.Text("kind") == "encode");
    }

    /// <summary>The job when it is in that state.</summary>
    public async Task<JsonElement> JobAsync(string state, int seconds = 60)
    {
        var job = await JobAsync();
        (await Eventually.Holds(async () => (job = await JobAsync()).Text("state") == state, seconds)).ShouldBeTrue(job.ToString());
        return job;
    }

    /// <summary>Published chunks by number, with the name of their maker.</summary>
    public async Task<Dictionary<int, ChunkRow>> PublishedAsync()
    {
        AssetId.TryParse(Media.Text("id"), null, out var asset).ShouldBeTrue();
        var rows = await _server.App.Services.GetRequiredService<ICatalog>().ListChunksAsync(asset, TestContext.Current.CancellationToken);
        return rows.ToDictionary(r => r.Number);
    }

    /// <summary>Waits for runs that begin at this chunk.</summary>
    public async Task RunBeginsAsync(int chunk) =>
        (await Eventually.Holds(() => Encoder.Runs.Contains((chunk - 1) * 100))).ShouldBeTrue($"no run began at chunk {chunk}");

    /// <summary>Runs that began at this chunk.</summary>
    public int RunsAt(int chunk) => Encoder.Runs.Count(r => r == (chunk - 1) * 100);

    public async ValueTask DisposeAsync()
    {
        Encoder.LetGo();
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
