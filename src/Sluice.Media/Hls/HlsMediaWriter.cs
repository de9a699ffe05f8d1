using Sluice.Media.Cmaf;
using Sluice.Media.IsoBmff;
using Sluice.Media.Manifests;

namespace Sluice.Media.Hls;

/// <summary>Writes the media playlist of one track (RFC 8216 section 4.3.3): PLAYLIST-TYPE VOD when it is finished, EVENT while
/// segments are still appended to it.</summary>
public static class HlsMediaWriter
{
    private const int BytesPerSegmentGuess = 40;

    /// <summary>The whole title, one EXTINF per segment.</summary>
    /// <param name="segments">Contiguous, in order; the same table that cuts the bytes.</param>
    /// <param name="timescale">Ticks in a second of <paramref name="segments"/>; more than 0.</param>
    /// <param name="uris">Segment URIs; with an init segment the playlist is fMP4, without one MPEG-TS.</param>
    /// <param name="independentSegments">Every segment can be decoded alone; only then is it claimed.</param>
    /// <param name="targetDurationSeconds">The asset's <see cref="HlsTargetDuration"/>; raised when a segment of this
    /// track needs more, so 0 stands for this track's own.</param>
    /// <param name="isGrowing">More segments will follow: the playlist has no end, and players are told to begin at its start and not
    /// near its last segment, as they do with broadcasts. Lines that were written once stay as they are.</param>
    /// <param name="keyUri">Where the key is that all segments are encrypted with (METHOD=AES-128), each with its media sequence number as its vector;
    /// null when they are not. The init segment is not: it stands before the key.</param>
    /// <exception cref="ArgumentOutOfRangeException">The timescale is 0.</exception>
    /// <exception cref="ArgumentException">A URI has a query or a character that must be percent-encoded.</exception>
    public static ManifestTemplate Write(
        ReadOnlySpan<SegmentTiming> segments,
        uint timescale,
        SegmentUris uris,
        bool independentSegments,
        int targetDurationSeconds = 0,
        bool isGrowing = false,
        string? keyUri = null)
    {
        ArgumentOutOfRangeException.ThrowIfZero(timescale);
        var durations = Microseconds(segments, timescale, out var longest);
        var target = Math.Max(targetDurationSeconds, HlsTargetDuration.OfMicroseconds(longest));

        var playlist = new ManifestBuilder(QueryEscaping.None, 256 + (segments.Length * BytesPerSegmentGuess));
        WriteHead(playlist, uris, independentSegments, target, isGrowing);
        if (keyUri is not null)
        {
            playlist.Append("#EXT-X-KEY:METHOD=AES-128,URI=\""u8);
            playlist.AppendUri(keyUri);
            playlist.Append("\"\n"u8);
        }

        var prefix = ManifestUri.Encode(uris.Prefix, QueryEscaping.None);
        var suffix = ManifestUri.Encode(uris.Suffix, QueryEscaping.None);
        for (var i = 0; i < durations.Length; i++)
        {
            playlist.Append("#EXTINF:"u8);
            playlist.AppendSeconds(durations[i]);
            playlist.Append(",\n"u8);
            playlist.Append(prefix);
            playlist.Append((long)uris.FirstNumber + i);
            playlist.Append(suffix);
            playlist.AppendQueryGap();
            playlist.Append("\n"u8);
        }

        playlist.Append(isGrowing ? ""u8 : "#EXT-X-ENDLIST\n"u8);
        return playlist.Build();
    }

    private static void WriteHead(ManifestBuilder playlist, SegmentUris uris, bool independentSegments, int target, bool isGrowing)
    {
        // EXT-X-MAP outside I-frame playlists needs version 6 (section 7); decimal EXTINF needs 3.
        playlist.Append($"#EXTM3U\n#EXT-X-VERSION:{(uris.Init is null ? 3 : 7)}\n");
        playlist.Append($"#EXT-X-TARGETDURATION:{target}\n#EXT-X-MEDIA-SEQUENCE:{uris.FirstNumber}\n");
        playlist.Append(isGrowing ? "#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-START:TIME-OFFSET=0,PRECISE=YES\n"u8 : "#EXT-X-PLAYLIST-TYPE:VOD\n"u8);
        if (independentSegments)
        {
            playlist.Append("#EXT-X-INDEPENDENT-SEGMENTS\n"u8);
        }

        if (uris.Init is not null)
        {
            playlist.Append("#EXT-X-MAP:URI=\""u8);
            playlist.AppendUri(uris.Init);
            playlist.Append("\"\n"u8);
        }
    }

    /// <summary>Each boundary is rounded by itself, so the sum of all EXTINF before a segment is never off by more than
    /// half a microsecond, however long the title.</summary>
    private static long[] Microseconds(ReadOnlySpan<SegmentTiming> segments, uint timescale, out long longest)
    {
        var durations = new long[segments.Length];
        var before = 0L;
        longest = 0;
        for (var i = 0; i < segments.Length; i++)
        {
            var end = segments[i].StartTicks - segments[0].StartTicks + segments[i].DurationTicks;
            var boundary = Ticks.Rescale(end, timescale, 1_000_000);
            durations[i] = boundary - before;
            longest = Math.Max(longest, durations[i]);
            before = boundary;
        }

        return durations;
    }
}
