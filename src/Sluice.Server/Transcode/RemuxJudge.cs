using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Server.Hosting;
using Sluice.Server.Package.Arriving;
using Sluice.Server.Probe;
using Sluice.Server.Processes;

namespace Sluice.Server.Transcode;

/// <summary>
/// Judges the beginning of a file that is no MP4: whether it can be repackaged while it comes.
/// <code>
///   of a kind that is read front to back? ──► ffprobe, on 2 % of it; on four times as much; on sixteen times as much, until all streams are understood
///        └─► all that is offered is copied, with a picture ──► now
/// </code>
/// Always the same amounts, so that whoever looks later, when more has landed, gets the same answer.
/// </summary>
internal sealed class RemuxJudge(HeadReader heads, FfmpegTools tools, SluiceOptions options)
{
    /// <summary>Part of a file that is waited for before it plays, at least: enough of it to tell how its frames are reordered.</summary>
    private const int ProbeShare = 50;

    private const long FewestBytes = 128 << 10;

    /// <summary>What ffmpeg looks at when nobody says how much.</summary>
    private const long UsualBytes = 5_000_000;

    private const int Growth = 4;
    private const int MostLooks = 3;

    /// <summary>See <see cref="ArrivalStep"/>.</summary>
    public async Task<ArrivalLook> LookAsync(IByteSource source, long landedBytes, CancellationToken ct)
    {
        if (landedBytes < Math.Min(Containers.HeadBytes, source.Length))
        {
            return Later(Containers.HeadBytes, source);
        }

        if (!Containers.IsStream(source))
        {
            return Containers.Recognise(source) is null ? ArrivalLook.Never : ArrivalLook.AtEnd;
        }

        if (await tools.WhyUselessAsync(options.Transcode, ct) is not null || (await tools.CheckAsync(ct)).Facts is not { } program)
        {
            return ArrivalLook.Never; // It will not play at its end either.
        }

        var wanted = Math.Clamp(source.Length / ProbeShare, FewestBytes, UsualBytes);
        for (var looks = 0; looks < MostLooks; looks++, wanted *= Growth)
        {
            var bytes = Math.Min(wanted, source.Length);
            if (landedBytes < bytes)
            {
                return Later(bytes, source);
            }

            if (await heads.ReadAsync(source, bytes, ct) is { } facts && (IsUnderstood(facts) || looks == MostLooks - 1))
            {
                return Judge(facts, bytes, program.Version);
            }
        }

        return ArrivalLook.AtEnd;
    }

    private static ArrivalLook Later(long bytes, IByteSource source) => new(ArrivalPlays.Unknown, Math.Min(bytes, source.Length));

    private static ArrivalLook Judge(SourceFacts facts, long bytes, string program)
    {
        var verdict = StreamTriage.Judge(facts);
        var hasPicture = verdict.Remuxed.Any(t => t.IsVideo); // Sound alone is divided evenly up to its end.
        var isLate = verdict.Remuxed.Any(t => t.Stream!.IsLate); // ffmpeg would hold all of the file in memory until it begins.
        if (verdict.Fate != SourceFate.Remux || verdict.Tracks.Any(t => t.Verdict.Action == Triage.Encode) || !hasPicture || isLate)
        {
            return ArrivalLook.AtEnd;
        }

        var promised = ContainerNames.Promises(facts.Format) ? facts.PromisedSeconds ?? 0 : 0;
        return ArrivalLook.Of(new RemuxPlan(RemuxFitness.StreamsOf(verdict), bytes, program), verdict.TrackVerdicts, verdict.Loss, promised);
    }

    /// <summary>There is a picture, every stream that may be offered has begun, and nothing is missing of it that is needed to judge it.</summary>
    private static bool IsUnderstood(SourceFacts facts) => facts.Picture is not null && facts.Streams.All(s => s switch
    {
        { IsCover: true } => true,
        { Kind: StreamKind.Video } => s is { IsLate: false, Codec: not "", Width: > 0, Height: > 0, PixelFormat: not "" },
        { Kind: StreamKind.Audio } => s is { IsLate: false, Codec: not "", SampleRate: > 0, Channels: > 0 },
        _ => true,
    });
}
