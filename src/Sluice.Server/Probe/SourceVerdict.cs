using Sluice.Server.Catalog;

namespace Sluice.Server.Probe;

/// <summary>What becomes of a source.</summary>
internal enum SourceFate
{
    /// <summary>It plays at once from the bytes as they lie.</summary>
    Ready,

    /// <summary>Its tracks are repackaged into an MP4 first, without encoding; sounds may be encoded beside them.</summary>
    Remux,

    /// <summary>Its picture or its sound is encoded chunk by chunk, beside what is copied.</summary>
    Encode,

    /// <summary>It is kept as it came: ffmpeg is missing, or cannot decode it.</summary>
    Kept,

    /// <summary>Nothing of it can ever be played.</summary>
    Refused,
}

/// <summary>One track of a source, with all that is known of it.</summary>
/// <param name="Verdict">In words for a person; its id is set when the track is copied or repackaged.</param>
/// <param name="Probed">As our own reader sees it; null outside of MP4.</param>
/// <param name="Stream">As ffmpeg sees it; null when ffmpeg was not asked, or does not see it.</param>
internal sealed record SourceTrack(TrackVerdict Verdict, ProbedTrack? Probed, StreamFacts? Stream)
{
    /// <summary>It is encoded first, and repackaged later: then it is offered as it is too.</summary>
    public bool Follows { get; init; }

    /// <summary>It is a picture.</summary>
    public bool IsVideo => Verdict.Kind == "video";

    /// <summary>It is a sound.</summary>
    public bool IsAudio => Verdict.Kind == "audio";

    /// <summary>All of it in one sentence.</summary>
    public string Sentence => $"{Verdict.Kind} {Verdict.Description}: {Verdict.Reason}";
}

/// <summary>The verdict on a source in any container.</summary>
/// <param name="Fate">What becomes of it.</param>
/// <param name="Reason">Why it does not play as it lies; null when it does.</param>
/// <param name="Loss">What is lost although it plays, or will: its picture, its sound, its end; null when nothing is.</param>
/// <param name="Tracks">Every track, in file order.</param>
/// <param name="Movie">Our own reader's verdict; null outside of MP4.</param>
/// <param name="Facts">ffprobe's; null when it was not asked, or could not tell.</param>
internal sealed record SourceVerdict(
    SourceFate Fate, string? Reason, string? Loss, IReadOnlyList<SourceTrack> Tracks, TriageResult? Movie, SourceFacts? Facts)
{
    /// <summary>What is shown of every track.</summary>
    public IReadOnlyList<TrackVerdict> TrackVerdicts => [.. Tracks.Select(t => t.Verdict)];

    /// <summary>Tracks that are packaged as they lie.</summary>
    public IEnumerable<SourceTrack> Copied => Tracks.Where(t => t.Verdict.Action == Triage.Copy);

    /// <summary>Tracks that are repackaged, picture first.</summary>
    public IEnumerable<SourceTrack> Remuxed => Tracks.Where(t => t.Verdict.Action == Triage.Remux).OrderBy(t => t.IsVideo ? 0 : 1);

    /// <summary>The picture that is encoded, with its stream; null when none is.</summary>
    public SourceTrack? EncodedPicture => Tracks.FirstOrDefault(t => t is { IsVideo: true, Stream: not null } && IsEncoded(t));

    /// <summary>The sounds that are encoded, with their streams.</summary>
    public IEnumerable<SourceTrack> EncodedSounds => Tracks.Where(t => t is { IsAudio: true, Stream: not null } && IsEncoded(t));

    /// <summary>The stream of the picture that is offered, however it is made; null for none.</summary>
    public StreamFacts? OfferedPicture => Offered.FirstOrDefault(t => t.IsVideo)?.Stream;

    /// <summary>The streams of the sounds that are offered.</summary>
    public IEnumerable<StreamFacts> OfferedSounds => Offered.Where(t => t.IsAudio).Select(t => t.Stream!);

    /// <summary>The subtitles that are drawn into the picture; null for none.</summary>
    public StreamFacts? Burned => Tracks.FirstOrDefault(t => t.Verdict.Action == Triage.Burn)?.Stream;

    /// <summary>Presented length in seconds; 0 when not known.</summary>
    public double DurationSeconds => Tracks.Any(t => t.Probed is not null)
        ? Tracks.Max(t => t.Probed?.Seconds ?? 0)
        : Facts?.DurationSeconds ?? 0;

    private IEnumerable<SourceTrack> Offered => Tracks.Where(t => t is { Stream: not null } && t.Verdict.Action != Triage.Drop);

    private static bool IsEncoded(SourceTrack track) => track.Verdict.Action == Triage.Encode;
}
