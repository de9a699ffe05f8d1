using System.Globalization;
using System.Text;
using Sluice.Server.Tests.Live;

namespace Sluice.Server.Tests.Recordings;

/// <summary>A live channel without end: the twelve segments of a second of <see cref="LiveSegments"/>, again and again, with a discontinuity where
/// they begin anew.</summary>
internal sealed class LoopingUpstream : IAsyncDisposable
{
    private const int Window = 10;

    private readonly TimeProvider _clock;
    private readonly long _started;
    private readonly Upstream _upstream;

    private readonly int _every;

    private LoopingUpstream(Upstream upstream, TimeProvider clock, int every) =>
        (_upstream, _clock, _started, _every) = (upstream, clock, clock.GetTimestamp(), every);

    public string Url => _upstream.Url("live/index.m3u8").Secret;

    /// <summary>Starts one, in the time of <paramref name="clock"/>.</summary>
    public static Task<LoopingUpstream> StartAsync(LiveSegments segments, TimeProvider clock) => StartAsync(segments.All, clock, segments.All.Count);

    /// <summary>Starts one of these segments of a second, with a discontinuity after every so many.</summary>
    public static async Task<LoopingUpstream> StartAsync(IReadOnlyList<byte[]> segments, TimeProvider clock, int every)
    {
        var looping = new LoopingUpstream(await Upstream.StartAsync(), clock, every);
        foreach (var (n, bytes) in segments.Index())
        {
            looping._upstream.Files[$"live/{n}.ts"] = bytes;
        }

        looping._upstream.Faults["live/index.m3u8"] = async context =>
        {
            await context.Response.Body.WriteAsync(looping.Playlist(segments.Count));
            return true;
        };
        return looping;
    }

    public ValueTask DisposeAsync() => _upstream.DisposeAsync();

    private byte[] Playlist(int count)
    {
        var first = (long)_clock.GetElapsedTime(_started).TotalSeconds;
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture, $"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:{first}\n#EXT-X-DISCONTINUITY-SEQUENCE:{(first + _every - 1) / _every}\n");
        for (var sequence = first; sequence < first + Window; sequence++)
        {
            text.Append(sequence % _every == 0 && sequence > 0 ? "#EXT-X-DISCONTINUITY\n" : "")
                .Append(CultureInfo.InvariantCulture, $"#EXTINF:1,\n{sequence % count}.ts\n");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
