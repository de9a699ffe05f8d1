using System.Text;
using System.Text.RegularExpressions;
using Sluice.Tests;

namespace Sluice.Server.Tests.Live;

/// <summary>Real playlists of other projects' tests, with damage of chance. The same seed does the same.</summary>
internal sealed class PlaylistMutations
{
    private const int MostLines = 200;

    private static readonly string[] Numbers = ["0", "-1", "1", "60", "999999", "1000000", "9223372036854775807", "-9223372036854775808", "1e308", "NaN", "0.0000001", ""];

    private static readonly string[] Odd =
    [
        "#EXTM3U", "#EXT-X-ENDLIST", "#EXT-X-DISCONTINUITY", "#EXT-X-GAP", "#EXT-X-MEDIA-SEQUENCE:9223372036854775807", "#EXT-X-TARGETDURATION:0",
        "#EXT-X-BYTERANGE:1@9223372036854775806", "#EXT-X-KEY:METHOD=AES-128,URI=\"key.bin\"", "#EXT-X-MAP:URI=\"init.mp4\"", "#EXT-X-START:TIME-OFFSET=-1000000",
        "#EXT-X-SERVER-CONTROL:HOLD-BACK=1000000", "#EXT-X-PROGRAM-DATE-TIME:9999-12-31T23:59:59.999Z", "#EXT-X-SKIP:SKIPPED-SEGMENTS=2147483647", "#EXTINF:1000000,",
        "http://[::1", "//", "http://\u0000/", "%%%", "../../../../..", "data:,x", "http://xn--a.example:99999/", "a b\tc",
    ];

    private readonly string[][] _files = [.. Directory.GetFiles(RepositoryRoot.Corpus("m3u8"), "*.m3u8").Order(StringComparer.Ordinal).Select(Read)];

    /// <summary>One of them, damaged.</summary>
    /// <param name="random">Decides everything.</param>
    /// <param name="media">Only such as have segments.</param>
    public byte[] Next(Random random, bool media = false)
    {
        string[] file;
        do
        {
            file = _files[random.Next(_files.Length)];
        }
        while (media && !file.Any(static line => line.StartsWith("#EXTINF", StringComparison.Ordinal)));

        var lines = file.ToList();
        for (var n = random.Next(8); n > 0; n--)
        {
            Damage(lines, random);
        }

        var bytes = Encoding.UTF8.GetBytes(string.Join(random.Next(10) == 0 ? "\r\n" : "\n", lines) + "\n");
        for (var n = random.Next(10) == 0 ? random.Next(1, 5) : 0; n > 0; n--)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        return random.Next(20) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
    }

    private void Damage(List<string> lines, Random random)
    {
        var at = random.Next(lines.Count);
        switch (random.Next(7))
        {
            case 0 when lines.Count > 1:
                lines.RemoveAt(at);
                break;
            case 1:
                lines.Insert(at, lines[random.Next(lines.Count)]);
                break;
            case 2:
                var other = _files[random.Next(_files.Length)];
                lines.Insert(at, other[random.Next(other.Length)]);
                break;
            case 3:
                lines.Insert(at, Odd[random.Next(Odd.Length)]);
                break;
            default:
                // Most playlists are broken by their numbers; the line is one that has some, if there is one.
                at = lines.FindIndex(at, static line => line.Any(char.IsAsciiDigit)) is >= 0 and var found ? found : at;
                lines[at] = Regex.Replace(lines[at], "-?[0-9]+", _ => Numbers[random.Next(Numbers.Length)], RegexOptions.None, TimeSpan.FromSeconds(1));
                break;
        }
    }

    /// <summary>Addresses lead to whoever gives the playlist.</summary>
    private static string[] Read(string file) =>
        [.. File.ReadLines(file).Take(MostLines).Select(static line => Regex.Replace(line, "https?://[^/\",]+/", "", RegexOptions.None, TimeSpan.FromSeconds(1)))];
}
