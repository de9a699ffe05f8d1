using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Sluice.Server.Live;
using Sluice.Server.Live.Channels;
using Sluice.Server.Outbound;
using Sluice.Server.Tests.Support;

namespace Sluice.Server.Tests.Live;

/// <summary>What a load of a playlist is answered with.</summary>
internal delegate Task Answer(HttpContext context);

/// <summary>
/// Somebody else's channel on loopback, all of whose faults are written down beforehand: each load of a playlist is the next answer of its script, whenever
/// it comes, and the last one stays. So a test says what happens, not when, and does not depend on how fast the machine is.
/// </summary>
internal sealed class FaultOrigin : IAsyncDisposable
{
    /// <summary>Segments 0 to 199 are there.</summary>
    private const int Segments = 200;

    private FaultOrigin(Upstream server) => Server = server;

    /// <summary>Its files, and faults of single ones.</summary>
    public Upstream Server { get; }

    /// <summary>How often something was asked for.</summary>
    public int Count(string path) => Server.Asked.Count(a => a == path);

    /// <summary>Starts it. Segments are <c>live/{n}.ts</c>, of bytes that are those of <see cref="Bytes"/>.</summary>
    public static async Task<FaultOrigin> StartAsync()
    {
        var origin = new FaultOrigin(await Upstream.StartAsync());
        for (var n = 0; n < Segments; n++)
        {
            origin.Server.Files[$"live/{n}.ts"] = Bytes(n);
        }

        return origin;
    }

    /// <summary>The same with a channel that can be decoded: twelve segments, again and again.</summary>
    public static async Task<FaultOrigin> StartAsync(LiveSegments segments)
    {
        var origin = await StartAsync();
        for (var n = 0; n < Segments; n++)
        {
            origin.Server.Files[$"live/{n}.ts"] = segments.All[n % segments.All.Count];
        }

        return origin;
    }

    /// <summary>What a segment holds.</summary>
    public static byte[] Bytes(int n)
    {
        var bytes = new byte[5 * 188];
        new Random(n).NextBytes(bytes);
        return bytes;
    }

    /// <summary>What the loads of a playlist are answered with, one after the other.</summary>
    public void Script(string path, params Answer[] answers)
    {
        var load = -1;
        Server.Faults[path] = async context =>
        {
            await answers[Math.Min(Interlocked.Increment(ref load), answers.Length - 1)](context);
            return true;
        };
    }

    /// <summary>A media playlist of segments of one second.</summary>
    public static Answer List(int first, int count, params string[] tags) => Text(ListText(first, count, tags));

    public static string ListText(int first, int count, params string[] tags) => string.Create(CultureInfo.InvariantCulture,
        $"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:{first}\n{string.Concat(tags.Select(t => t + "\n"))}")
        + string.Concat(Enumerable.Range(first, count).Select(n => $"#EXTINF:1,\n{n}.ts\n"));

    /// <summary>The last segments, and that there will be no more.</summary>
    public static Answer End(int first, int count) => List(first, count, "#EXT-X-ENDLIST");

    /// <summary>One segment more at every load.</summary>
    public static Answer Endless(int first)
    {
        var load = -1;
        return context => List(first + Interlocked.Increment(ref load), 3)(context);
    }

    public static Answer Text(string text) => Raw(Encoding.UTF8.GetBytes(text));

    public static Answer Raw(byte[] bytes, string? encoding = null, string type = "application/vnd.apple.mpegurl") => async context =>
    {
        context.Response.ContentType = type;
        context.Response.Headers.ContentEncoding = encoding;
        await context.Response.Body.WriteAsync(bytes);
    };

    public static Answer Status(int status) => context =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    };

    public static Answer Redirect(string to) => context =>
    {
        context.Response.Redirect(to);
        return Task.CompletedTask;
    };

    /// <summary>Answers when something has happened.</summary>
    public static Answer When(Func<bool> holds, Answer answer) => async context =>
    {
        await Eventually.Holds(holds);
        await answer(context);
    };

    /// <summary>Answers when it may.</summary>
    public static Answer After(Task gate, Answer answer) => async context =>
    {
        await gate;
        await answer(context);
    };

    /// <summary>Follows a playlist of this origin to its end.</summary>
    public async Task<Followed> FollowAsync(string path = "live/index.m3u8", TimeProvider? clock = null, UpstreamManner? manner = null)
    {
        var (log, audio) = (new SegmentLog(), new SegmentLog());
        var sinks = new OneSink(log, audio);
        var upstream = new HlsUpstream(Server.Outbound, manner ?? new UpstreamManner(), sinks, clock ?? new FastClock(30));
        var end = await upstream.RunAsync(Server.Url(path), default).WaitAsync(Eventually.Patience);
        return new Followed(end, log, audio, sinks.Shapes, upstream.Tracker.Counts);
    }

    /// <summary>A channel of playlists of this origin.</summary>
    public ChannelDefinition Channel(params string[] paths) => new()
    {
        Name = "one",
        Urls = [.. (paths.Length > 0 ? paths : ["live/index.m3u8"]).Select(p => Server.Url(p).Secret)],
        Origin = ChannelOrigin.Api,
    };

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}

/// <summary>What became of following a playlist.</summary>
internal sealed record Followed(UpstreamEnd End, SegmentLog Log, SegmentLog Audio, IReadOnlyList<UpstreamShape> Shapes, TrackerCounts Counts);
