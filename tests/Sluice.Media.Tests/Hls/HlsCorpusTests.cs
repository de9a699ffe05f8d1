using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Shouldly;
using Sluice.Media.Hls;
using Sluice.Tests;
using Xunit;

namespace Sluice.Media.Tests.Hls;

/// <summary>Playlists of other projects' tests: each is read, or refused with a reason; which of them and how is reviewed.</summary>
public sealed class HlsCorpusTests
{
    private static readonly HlsSurroundings Around = new() { Variables = new Dictionary<string, string> { ["auth"] = "?t" } };

    [Fact]
    public void Every_playlist_is_read_or_refused_with_a_reason()
    {
        var files = Directory.GetFiles(RepositoryRoot.Corpus("m3u8")).Where(f => !f.EndsWith(".tsv", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        var found = new StringBuilder();
        foreach (var file in files)
        {
            var playlist = HlsPlaylistReader.TryRead(Bytes(file), out var problem, Around);
            (playlist is null).ShouldBe(problem is not null, file);
            found.Append(Path.GetFileName(file)).Append(": ").Append(playlist is null ? $"refused, {problem}" : Summary(playlist)).Append('\n');
            foreach (var remark in playlist?.Remarks ?? [])
            {
                found.Append(CultureInfo.InvariantCulture, $"    {remark}\n");
            }
        }

        Golden.Match("hls/corpus.txt", found.ToString());
    }

    /// <summary>Those that end in .fuzz are literals of Go.</summary>
    private static byte[] Bytes(string file) => file.EndsWith(".fuzz", StringComparison.Ordinal)
        ? Encoding.UTF8.GetBytes(Regex.Unescape(
            Regex.Match(File.ReadAllText(file), "string\\(\"(?<text>.*)\"\\)", RegexOptions.None, TimeSpan.FromSeconds(1)).Groups["text"].Value))
        : File.ReadAllBytes(file);

    private static string Summary(HlsPlaylist playlist) => playlist switch
    {
        HlsMultivariantPlaylist m => string.Create(CultureInfo.InvariantCulture,
            $"{m.Variants.Count} variants, {m.Renditions.Count} renditions, {m.IFrameVariants} of pictures; {VariantChoice.Of(m, new())?.Variant.Uri}"),
        HlsMediaPlaylist m => string.Create(CultureInfo.InvariantCulture, $"{m.Type}, {m.Segments.Count} segments from {m.MediaSequence}")
            + string.Create(CultureInfo.InvariantCulture, $" in {m.Segments.Sum(s => s.Duration.TotalSeconds):0.###} s of {m.TargetDuration.TotalSeconds} s")
            + string.Create(CultureInfo.InvariantCulture, $", discontinuity {m.DiscontinuitySequence} to ")
            + string.Create(CultureInfo.InvariantCulture, $"{(m.Segments is [.., var last] ? last.DiscontinuitySequence : null)}")
            + string.Create(CultureInfo.InvariantCulture, $", {m.Segments.Select(s => s.Key).Distinct().Count(k => k is not null)} keys")
            + string.Create(CultureInfo.InvariantCulture, $", {m.Segments.Select(s => s.Map).Distinct().Count(k => k is not null)} maps, {m.Parts.Count} parts")
            + (m.SkippedSegments > 0 ? ", skips" : "") + (m.IsEnded ? ", ended" : "") + (m.Segments.Any(s => s.IsGap) ? ", gaps" : ""),
        _ => throw new InvalidOperationException(),
    };
}
