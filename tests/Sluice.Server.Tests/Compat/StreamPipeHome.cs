using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Sluice.Server.Tests.Cli;
using Sluice.Server.Tests.Live;
using Xunit;

namespace Sluice.Server.Tests.Compat;

/// <summary>
/// What a person has who followed StreamPipe's README: a folder with a <c>config.yml</c>, the program started in it, and a channel elsewhere, whose
/// segments ffmpeg made. It is live: a new segment every second, the last six listed.
/// </summary>
public sealed class StreamPipeHome : IAsyncLifetime
{
    private const int Window = 6;

    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-streampipe").FullName;
    private readonly Stopwatch _time = new();
    private LiveSegments _segments = null!;
    private ApiStub _origin = null!;
    private SluiceProcess _server = null!;

    /// <summary>Paths that were asked of the channel's origin.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>Whom the requests were said to come from.</summary>
    public ConcurrentDictionary<string, bool> UserAgents { get; } = new();

    public HttpClient Http { get; private set; } = null!;

    /// <summary>Bytes of its largest segment, which are a second or more of it.</summary>
    public int LargestSegment => _segments.All.Max(bytes => bytes.Length);

    internal string Output => _server.Output;

    internal string ConfigurationFile => Path.Combine(_folder, "config.yml");

    internal string DataFolder => Path.Combine(_folder, "data");

    /// <summary>The README's file, with addresses of this machine.</summary>
    internal string Configuration => $"""
        server:
          host: "0.0.0.0"
          port: 8080

        streams:
          channel1: "{_origin.Url}live/stream1.m3u8"
          channel2: "{_origin.Url}none/stream2.m3u8"

        options:
          user_agent: "StreamPipe/1.0"
          threads: 4
          timeout: 20.0
          buffer_size: 8192
        """;

    public async ValueTask InitializeAsync()
    {
        _segments = new LiveSegments();
        _origin = await ApiStub.StartAsync(AnswerAsync);
        _time.Start();
        await File.WriteAllTextAsync(ConfigurationFile, Configuration);

        // As the README: the file of the working folder, and host and port overridden.
        _server = SluiceProcess.Start(["serve", "--host", "127.0.0.1", "--port", "0"], folder: _folder);
        Http = new HttpClient { BaseAddress = new Uri(await _server.UrlAsync(DataFolder)) };
    }

    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_origin?.DisposeAsync() ?? ValueTask.CompletedTask);
        _segments?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        Asked.Enqueue(path);
        UserAgents[context.Request.Headers.UserAgent.ToString()] = true;
        if (path == "/live/stream1.m3u8")
        {
            context.Response.ContentType = "application/vnd.apple.mpegurl";
            return context.Response.WriteAsync(Playlist());
        }

        if (path.StartsWith("/live/", StringComparison.Ordinal) && int.TryParse(path["/live/".Length..^".ts".Length], CultureInfo.InvariantCulture, out var number))
        {
            context.Response.ContentType = "video/mp2t";
            return context.Response.Body.WriteAsync(_segments.All[number % _segments.All.Count]).AsTask();
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private string Playlist()
    {
        var first = (int)_time.Elapsed.TotalSeconds;
        var rounds = (first + _segments.All.Count - 1) / _segments.All.Count;
        var text = new StringBuilder("#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n");
        text.Append(CultureInfo.InvariantCulture, $"#EXT-X-MEDIA-SEQUENCE:{first}\n#EXT-X-DISCONTINUITY-SEQUENCE:{rounds}\n");
        for (var number = first; number < first + Window; number++)
        {
            text.Append(number % _segments.All.Count == 0 && number > 0 ? "#EXT-X-DISCONTINUITY\n" : "");
            text.Append(CultureInfo.InvariantCulture, $"#EXTINF:1,\n{number}.ts\n");
        }

        return text.ToString();
    }
}
