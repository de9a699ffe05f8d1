using Sluice.Media.Binary;
using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;
using Sluice.Tests;

namespace Sluice.Media.Tests.Codecs;

/// <summary>Sample descriptions out of the shared corpus.</summary>
internal static class CorpusFiles
{
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
        [.. Corpus.Movies()
            .SelectMany(static file => Descriptions(new MemoryByteSource(File.ReadAllBytes(file))))
            .Select(static t => (t.Entry, t.Track.Kind))
            .DistinctBy(static e => Convert.ToHexString(e.Entry))];
}
