using System.Text;

namespace Sluice.Media.Hls;

/// <summary>
/// Reads playlists as they are found, which is not always as they should be.
/// <code>
/// 1 text     UTF-8, a byte order mark or not, lines that end in LF or CR LF
/// 2 sniff    #EXTM3U before anything else; by its tags a multivariant or a media playlist
/// 3 lines    tags by their builder; unknown ones and comments are passed over
/// </code>
/// What does no harm is got over and remarked on; what would make it another film is refused, with the line.
/// </summary>
public static class HlsPlaylistReader
{
    private const string Header = "#EXTM3U";

    private static readonly string[] MultivariantTags = ["#EXT-X-STREAM-INF", "#EXT-X-I-FRAME-STREAM-INF", "#EXT-X-MEDIA:"];
    private static readonly string[] MediaTags =
        ["#EXTINF", "#EXT-X-TARGETDURATION", "#EXT-X-MEDIA-SEQUENCE", "#EXT-X-PART:", "#EXT-X-SKIP", "#EXT-X-ENDLIST"];

    /// <summary>Reads a playlist.</summary>
    /// <param name="bytes">All of it, unpacked.</param>
    /// <param name="problem">Why it cannot be read; null when it can.</param>
    /// <param name="around">What it may refer to; null for nothing.</param>
    /// <returns>The playlist, or null.</returns>
    public static HlsPlaylist? TryRead(ReadOnlySpan<byte> bytes, out HlsProblem? problem, HlsSurroundings? around = null)
    {
        // :: Step 1: text
        if (bytes.Length > HlsPlaylist.MostBytes)
        {
            problem = new HlsProblem(0, string.Create(CultureInfo.InvariantCulture, $"the playlist has more than {HlsPlaylist.MostBytes} bytes"));
            return null;
        }

        var text = Encoding.UTF8.GetString(bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes);

        // :: Step 2: sniff
        if (Sniff(text, around ?? new HlsSurroundings(), out problem) is not { } builder)
        {
            return null;
        }

        // :: Step 3: lines
        var lines = new PlaylistLines(text);
        var begun = false;
        while (builder.Problem is null && lines.Next())
        {
            if (lines.Current.SequenceEqual(Header))
            {
                if (begun)
                {
                    builder.RemarkSecond(lines.Number);
                    break;
                }

                begun = true;
            }
            else if (begun)
            {
                builder.Take(lines.Number, lines.Current);
            }
        }

        var playlist = builder.Problem is null ? builder.Build() : null;
        problem = builder.Problem;
        return problem is null ? playlist : null;
    }

    private static PlaylistBuilder? Sniff(string text, HlsSurroundings around, out HlsProblem? problem)
    {
        (int Variants, int Segments, int Media) first = default;
        var lines = new PlaylistLines(text);
        var begun = false;
        while (lines.Next())
        {
            var line = lines.Current;
            if (!begun)
            {
                // A remark may come before, nothing else may.
                begun = line.StartsWith(Header, StringComparison.Ordinal);
                if (!begun && (line[0] != '#' || line.StartsWith("#EXT", StringComparison.Ordinal)))
                {
                    break;
                }
            }
            else if (line.StartsWith("#EXT", StringComparison.Ordinal))
            {
                Note(ref first.Variants, line, lines.Number, MultivariantTags);
                Note(ref first.Media, line, lines.Number, MediaTags);
                Note(ref first.Segments, line, lines.Number, MediaTags.AsSpan(0, 1));
            }
        }

        problem = (begun, first) switch
        {
            (false, _) => new HlsProblem(lines.Number, "it is no HLS playlist: #EXTM3U is missing"),
            (_, { Variants: > 0, Segments: > 0 }) =>
                new HlsProblem(Math.Max(first.Variants, first.Segments), "it is a multivariant and a media playlist at once"),
            (_, { Variants: 0, Media: 0 }) => new HlsProblem(0, "it names neither variants nor segments"),
            _ => null,
        };
        return problem is not null ? null : first.Variants > 0 ? new MultivariantBuilder(around) : new MediaBuilder(around);
    }

    private static void Note(ref int first, ReadOnlySpan<char> line, int number, ReadOnlySpan<string> tags)
    {
        foreach (var tag in first == 0 ? tags : [])
        {
            if (line.StartsWith(tag, StringComparison.Ordinal))
            {
                first = number;
            }
        }
    }
}
