namespace Sluice.Media.Matroska;

/// <summary>Where decoding of the picture can begin: a keyframe, and the cluster that holds it.</summary>
/// <param name="Timestamp">Presentation time in the file's ticks.</param>
/// <param name="ClusterOffset">Where in the file the cluster begins.</param>
public readonly record struct MatroskaCue(long Timestamp, long ClusterOffset);

/// <summary>What the head and the Cues of a Matroska or WebM file say; nothing of its frames has been read.</summary>
public sealed class MatroskaMovie
{
    internal MatroskaMovie(
        uint timescale, long durationTicks, string? title, IReadOnlyList<MatroskaTrack> tracks, IReadOnlyList<MatroskaCue> cues, long firstCluster)
    {
        (Timescale, DurationTicks, Title, Tracks, Cues, FirstClusterOffset) = (timescale, durationTicks, title, tracks, cues, firstCluster);
    }

    /// <summary>Ticks in a second; 1000 in nearly every file.</summary>
    public uint Timescale { get; }

    /// <summary>Length in ticks; 0 when the file does not say.</summary>
    public long DurationTicks { get; }

    /// <summary>Title that the file names, or null.</summary>
    public string? Title { get; }

    /// <summary>In the file's order.</summary>
    public IReadOnlyList<MatroskaTrack> Tracks { get; }

    /// <summary>Keyframes of the first video track (of the first audio track where there is none), by time, each time once.</summary>
    public IReadOnlyList<MatroskaCue> Cues { get; }

    /// <summary>Where the first cluster begins.</summary>
    public long FirstClusterOffset { get; }
}
