using Sluice.Media.Binary;
using Sluice.Server.Processes;
using Sluice.Server.Store;

namespace Sluice.Server.Probe;

/// <summary>
/// Judges a file of any kind.
/// <code>
/// 1 our own reader   MP4 and MOV: whoever is all fine, or past help, never meets ffmpeg
/// 2 ffmpeg here?     if not, the file is kept with the sentence that says what to do
/// 3 ffprobe          what the streams are and where they end; an MP4's tracks are found again by their track_ID
/// 4 verdict          copy, repackage, encode or leave out, per track
/// </code>
/// </summary>
internal sealed class SourceTriage(FfmpegTools tools, SourceReader reader)
{
    /// <summary>ffprobe's guess at bytes that have no known head is not believed below this.</summary>
    public const int SureScore = 50;

    /// <summary>The verdict on a file.</summary>
    /// <param name="path">Full path.</param>
    /// <param name="ct">Ends child processes too.</param>
    public async Task<SourceVerdict> JudgeAsync(string path, CancellationToken ct)
    {
        // :: Step 1: our own reader
        using var source = new FileByteSource(path);
        string? unreadable = null;
        var movie = await Task.Run(() => Triage.JudgeMovie(source, out unreadable), ct);
        if (movie is not null && !movie.Tracks.Any(t => t.Verdict.Action == Triage.Encode))
        {
            return OfMovie(movie, null);
        }

        if (movie is null)
        {
            return await JudgeOtherAsync(source, path, unreadable, ct);
        }

        // :: Step 2: ffmpeg here?
        if ((await tools.CheckAsync(ct)).MissingReason is { } missing)
        {
            return Without(OfMovie(movie, null), missing);
        }

        // :: Steps 3 and 4: ffprobe, verdict
        return OfMovie(movie, (await reader.ReadAsync(path, ct)).Facts);
    }

    /// <summary>The verdict on a file that our own reader can make nothing of.</summary>
    /// <param name="path">Full path.</param>
    /// <param name="unreadable">What our own reader says.</param>
    /// <param name="ct">Ends child processes too.</param>
    public async Task<SourceVerdict> JudgeOtherAsync(string path, string? unreadable, CancellationToken ct)
    {
        using var source = new FileByteSource(path);
        return await JudgeOtherAsync(source, path, unreadable, ct);
    }

    private async Task<SourceVerdict> JudgeOtherAsync(IByteSource source, string path, string? unreadable, CancellationToken ct)
    {
        var recognised = Containers.Recognise(source);
        if (recognised is null && IsMovieFile(source))
        {
            return Refused(unreadable);
        }

        // :: Step 2: ffmpeg here?
        if ((await tools.CheckAsync(ct)).MissingReason is { } missing)
        {
            return recognised is not null
                ? new SourceVerdict(SourceFate.Kept, $"it is {recognised}, which is to be repackaged before it plays; {missing}", null, [], null, null)
                : Refused(unreadable);
        }

        // :: Steps 3 and 4: ffprobe, verdict
        var (facts, reason, timedOut) = await reader.ReadAsync(path, ct);
        return timedOut ? new SourceVerdict(SourceFate.Kept, reason, null, [], null, null)
            : facts is null ? Refused(recognised is null ? unreadable : $"it is {recognised}, but {reason}")
            : recognised is null && facts.Score < SureScore ? Refused(unreadable)
            : StreamTriage.Judge(facts);
    }

    private static SourceVerdict OfMovie(TriageResult movie, SourceFacts? facts)
    {
        var tracks = movie.Tracks.Select(t => new SourceTrack(t.Verdict, t.Probed, StreamOf(t, facts))).ToList();
        if (movie.RefusedReason is { } refused)
        {
            return new SourceVerdict(SourceFate.Refused, refused, null, tracks, movie, facts);
        }

        if (movie.Reason is null)
        {
            return new SourceVerdict(SourceFate.Ready, null, movie.Loss, tracks, movie, facts);
        }

        // What is to be encoded must be what ffmpeg can decode: the picture, and at least one sound where no sound is copied.
        var picture = tracks.Find(t => t.IsVideo && t.Verdict.Action == Triage.Encode);
        var sounds = tracks.FindAll(t => t.IsAudio && t.Verdict.Action == Triage.Encode);
        var stuck = picture is { Stream: null } ? picture
            : picture is null && sounds.TrueForAll(t => t.Stream is null) ? sounds.FirstOrDefault()
            : null;
        return stuck is null
            ? new SourceVerdict(SourceFate.Encode, movie.Reason, null, tracks, movie, facts)
            : new SourceVerdict(SourceFate.Kept, $"{movie.Reason}, and it cannot be decoded here", null, tracks, movie, facts);
    }

    private static SourceVerdict Without(SourceVerdict verdict, string missing) =>
        verdict.Fate is SourceFate.Ready or SourceFate.Refused
            ? verdict
            : verdict with { Fate = SourceFate.Kept, Reason = $"{verdict.Movie!.Reason}; {missing}" };

    /// <summary>The stream with the track's number, when ffmpeg may decode it.</summary>
    private static StreamFacts? StreamOf(TriagedTrack track, SourceFacts? facts) =>
        facts?.Streams.FirstOrDefault(s => s.Id == track.Probed.Track.Id && s.IsDecodable);

    private static SourceVerdict Refused(string? reason) =>
        new(SourceFate.Refused, reason ?? "it cannot be read", null, [], null, null);

    /// <summary>The first box is one that only such files begin with; what our reader cannot read of them is broken.</summary>
    private static bool IsMovieFile(IByteSource source)
    {
        var head = new byte[8];
        return source.Read(0, head) == head.Length
            && (head.AsSpan(4).SequenceEqual("ftyp"u8) || head.AsSpan(4).SequenceEqual("moov"u8) || head.AsSpan(4).SequenceEqual("mdat"u8)
                || head.AsSpan(4).SequenceEqual("wide"u8) || head.AsSpan(4).SequenceEqual("free"u8) || head.AsSpan(4).SequenceEqual("skip"u8)
                || head.AsSpan(4).SequenceEqual("moof"u8) || head.AsSpan(4).SequenceEqual("styp"u8));
    }
}
