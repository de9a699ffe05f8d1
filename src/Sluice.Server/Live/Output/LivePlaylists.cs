using System.Globalization;
using Sluice.Media.Hls;
using Sluice.Server.Live.Channels;

namespace Sluice.Server.Live.Output;

/// <summary>Writes what live HLS says of a feed.</summary>
internal static class LivePlaylists
{
    private const int BitsPerByte = 8;

    /// <summary>No EXTINF of 0: players divide by it.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    /// <summary>The media playlist of a track.</summary>
    /// <param name="feed">What is shown.</param>
    /// <param name="track">Which of its tracks.</param>
    /// <param name="segments">Of <see cref="LiveWindow"/>.</param>
    /// <param name="folder">What segments' names begin with, relative to the playlist.</param>
    /// <param name="query">Behind each URL, with its question mark; empty for none.</param>
    public static byte[] Media(LiveFeed feed, LiveTrack track, ReadOnlyMemory<LogSegment> segments, string folder, string query)
    {
        var first = segments.Span[0];
        var above = feed.FirstOf(track);
        return HlsLiveWriter.Write(new HlsLivePlaylist(
            TargetSeconds(feed),
            above.Segment + first.Number,
            above.Discontinuity + first.Discontinuities - (first.IsDiscontinuity ? 1 : 0),
            [.. segments.ToArray().Select(Listed)],
            track.Log.IsComplete,
            CanBlockReload: true));

        HlsLiveSegment Listed(LogSegment segment) => new(
            string.Create(CultureInfo.InvariantCulture, $"{folder}{above.Segment + segment.Number}{track.Extension}{query}"),
            segment.Duration > Shortest ? segment.Duration : Shortest,
            segment.IsDiscontinuity,
            segment.ProgramTime,
            segment.Map is { } map ? string.Create(CultureInfo.InvariantCulture, $"{folder}{above.Segment + map}.mp4{query}") : null);
    }

    /// <summary>The multivariant playlist of a feed whose sound has tracks of its own.</summary>
    /// <param name="tracks">The first is what is seen.</param>
    /// <param name="query">Behind each URL.</param>
    public static byte[] Multivariant(IReadOnlyList<LiveTrack> tracks, string query)
    {
        var renditions = tracks.Select(track =>
        {
            var (peak, mean) = Rates(track.Log);
            return new HlsLiveRendition($"{track.Name}/index.m3u8{query}", peak, mean, track.Codecs, track.Resolution, track.Language, track.Label);
        }).ToList();
        return HlsLiveWriter.WriteMultivariant(renditions[0], renditions[1..]);
    }

    /// <summary>EXT-X-TARGETDURATION: whole seconds, at least 1.</summary>
    public static int TargetSeconds(LiveFeed feed) => Math.Max(1, (int)Math.Round(feed.TargetDuration.TotalSeconds, MidpointRounding.AwayFromZero));

    private static (long Peak, long Mean) Rates(ChunkLog log)
    {
        var (peak, bits, seconds) = (0.0, 0.0, 0.0);
        foreach (var segment in log.Index.Segments)
        {
            if (segment.End is { } end && segment.Duration > Shortest)
            {
                var size = (end - segment.Position) * (double)BitsPerByte;
                (bits, seconds) = (bits + size, seconds + segment.Duration.TotalSeconds);
                peak = Math.Max(peak, size / segment.Duration.TotalSeconds);
            }
        }

        return ((long)peak, seconds > 0 ? (long)(bits / seconds) : 0);
    }
}
