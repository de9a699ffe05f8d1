using Sluice.Media.Binary;
using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;

namespace Sluice.Media.Tests.Codecs;

/// <summary>The MP4 files of the shared corpus. Without it tests are skipped aloud; in CI they fail.</summary>
internal static class CorpusFiles
{
    /// <summary>Full paths, in a fixed order.</summary>
    public static IReadOnlyList<string> Require() =>
    [
        .. Directory.GetFiles(RepositoryRoot.Corpus("mp4"))
            .Where(static f => !f.EndsWith(".tsv", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
    ];

    /// <summary>Each video and audio track of a file with the description of its first sample entry.</summary>
    public static IEnumerable<(MovieTrack Track, byte[] Entry, SampleDescription Description)> Descriptions(IByteSource source)
    {
        foreach (var track in MovieReader.TryRead(source, out _)?.Tracks ?? [])
        {
            foreach (var entry in track.SampleEntries)
            {
                if (SampleDescription.TryParse(entry, track.Kind) is { } description)
                {
                    yield return (track, entry, description);
                }
            }
        }
    }

    /// <summary>Every distinct sample entry of the corpus.</summary>
    public static List<(byte[] Entry, TrackKind Kind)> Entries() =>
        [.. Require()
            .SelectMany(static file => Descriptions(new MemoryByteSource(File.ReadAllBytes(file))))
            .Select(static t => (t.Entry, t.Track.Kind))
            .DistinctBy(static e => Convert.ToHexString(e.Entry))];
}
