using Sluice.Media.Binary;
using Sluice.Media.IsoBmff;
using Sluice.Media.Text;
using Sluice.Media.TimedText;
using Sluice.Server.Package.Making;
using Sluice.Server.Store;

namespace Sluice.Server.Package;

/// <summary>
/// Subtitles of an MP4 that lies elsewhere. Its tables say where every text lies; a text is fetched when its segment is wanted, and lies beside the picture then,
/// which is fetched anyhow.
/// </summary>
internal sealed class MovieTexts : ISubtitleMaker
{
    /// <summary>Texts of one file, in all languages, of which place and time are kept, 32 bytes each.</summary>
    private const int MostSamples = 200_000;

    /// <summary>Bytes of text in one answer, as much as a file of subtitles may have.</summary>
    private const int MostBytes = 2 << 20;

    /// <summary>What is fetched at a time lies in blocks of so many bytes.</summary>
    private const int BlockBytes = 256 << 10;

    /// <summary>What may be fetched for all subtitles of a language at once.</summary>
    private const long MostSpreadBytes = 4 << 20;

    private readonly IObjectReader _reader;
    private readonly Dictionary<string, MovieSubtitles> _tracks;

    private MovieTexts(IObjectReader reader, List<MovieSubtitles> tracks)
    {
        _reader = reader;
        _tracks = tracks.Index().ToDictionary(t => $"s{t.Index}", t => t.Item, StringComparer.Ordinal);
        Subtitles = [.. _tracks.Select(t => new MadeSubtitles(t.Key, t.Value.Language, t.Value.Name, t.Value.IsDefault, t.Value.IsForced)
        {
            IsCompact = SpreadBytes(t.Value.Samples) <= MostSpreadBytes,
        })];
    }

    /// <inheritdoc />
    public IReadOnlyList<MadeSubtitles> Subtitles { get; }

    /// <summary>Reads the tables of a file; null when it is no MP4, or has no subtitles that are text.</summary>
    /// <param name="source">The file, for its tables.</param>
    /// <param name="reader">The file, for its texts; read from as long as the title lives.</param>
    /// <param name="ct">Stops between tracks.</param>
    public static MovieTexts? Open(IByteSource source, IObjectReader reader, CancellationToken ct)
    {
        if (MovieReader.TryRead(source, out _) is not { } movie)
        {
            return null;
        }

        var (tracks, left) = (new List<MovieSubtitles>(), MostSamples);
        foreach (var track in movie.Tracks.Where(MovieSubtitles.AreIn).Take(SubtitleShelf.MostOfOneAsset))
        {
            ct.ThrowIfCancellationRequested();
            if (MovieSubtitles.TryRead(source, movie, track, left) is { Samples.Count: > 0 } subtitles)
            {
                left -= subtitles.Samples.Count;
                tracks.Add(subtitles);
            }
        }

        return tracks.Count == 0 ? null : new MovieTexts(reader, tracks);
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<Cue>?> CuesAsync(string subtitles, long fromMilliseconds, long toMilliseconds, CancellationToken ct)
    {
        if (!_tracks.TryGetValue(subtitles, out var track))
        {
            return null;
        }

        var (cues, left) = (new List<Cue>(), MostBytes);
        foreach (var sample in track.Samples.Where(s => s.StartMilliseconds >= fromMilliseconds && s.StartMilliseconds < toMilliseconds))
        {
            left -= sample.SizeBytes;
            var bytes = new byte[sample.SizeBytes];
            if (left < 0 || !await _reader.ReadAllAsync(sample.Offset, bytes, ct))
            {
                break;
            }

            cues.AddRange(track.Read(sample, bytes));
        }

        return cues;
    }

    /// <summary>Bytes of the blocks in which the texts lie.</summary>
    private static long SpreadBytes(IReadOnlyList<TextSample> samples) =>
        samples.SelectMany(s => new[] { s.Offset / BlockBytes, (s.Offset + s.SizeBytes - 1) / BlockBytes }).Distinct().LongCount() * BlockBytes;
}
