using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;

namespace Sluice.Server.Probe;

/// <summary>One track of a source with all that its bytes tell.</summary>
/// <param name="Track">The headers.</param>
/// <param name="Description">The codec; null when the sample description could not be understood.</param>
/// <param name="Scan">The pass over the samples; null when the headers are no use or the track carries no media.</param>
internal sealed record ProbedTrack(MovieTrack Track, SampleDescription? Description, TrackScan? Scan)
{
    /// <summary>Presented seconds; 0 when not known.</summary>
    public double Seconds => Scan is { KeptCount: > 0, IsPartial: false } scan
        ? Ticks.ToSeconds(scan.EndPresentationTicks - scan.PresentedStartTicks(Track.Kind), Track.Timescale)
        : 0;
}

/// <summary>A source file, understood.</summary>
/// <param name="Movie">Its headers.</param>
/// <param name="Tracks">Its tracks, in file order.</param>
internal sealed record SourceProbe(Movie Movie, IReadOnlyList<ProbedTrack> Tracks)
{
    private const int FirstSampleBytes = 64;

    /// <summary>Uncompressed sound has 48000 samples a second. It is encoded whatever they are, and to look at all of them takes
    /// longer than to look at everything else.</summary>
    private const long MostUncompressed = 1 << 20;

    /// <summary>Reads a source, which is read from several threads: headers, codecs, one pass over each track's samples.</summary>
    /// <returns>Null, with the reason, when the file is no media.</returns>
    public static SourceProbe? TryRead(IByteSource source, out string? reason)
    {
        if (MovieReader.TryRead(source, out reason) is not { } movie)
        {
            return null;
        }

        // Each track is a pass of its own over its tables; two of them fill two cores.
        var tracks = new ProbedTrack[movie.Tracks.Count];
        Parallel.For(0, tracks.Length, i => tracks[i] = Read(source, movie, movie.Tracks[i]));
        return new SourceProbe(movie, tracks);
    }

    private static ProbedTrack Read(IByteSource source, Movie movie, MovieTrack track)
    {
        if (track.Kind is not (TrackKind.Video or TrackKind.Audio) || track.Problem is not null)
        {
            return new ProbedTrack(track, null, null);
        }

        var isUncompressed = track.SampleEntries is [var only] && SampleDescription.TryParse(only, track.Kind) is { Codec: CodecId.Pcm };
        var scan = TrackScan.Run(source, movie, track, isUncompressed ? MostUncompressed : long.MaxValue);
        var entry = track.SampleEntries[Math.Clamp(scan.DescriptionIndex - 1, 0, track.SampleEntries.Count - 1)];
        return new ProbedTrack(track, SampleDescription.TryParse(entry, track.Kind)?.Confirm(FirstBytes(source, track)), scan);
    }

    /// <summary>The head of the first sample, from which some codecs tell what their configuration leaves open.</summary>
    private static byte[] FirstBytes(IByteSource source, MovieTrack track)
    {
        if (!track.OpenSamples(source).TryRead(out var sample))
        {
            return [];
        }

        var bytes = new byte[Math.Min(sample.SizeBytes, FirstSampleBytes)];
        return bytes[..Math.Max(0, source.Read(sample.Offset, bytes))];
    }
}
