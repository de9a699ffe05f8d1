using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Server.Hosting;
using Sluice.Server.Package.Arriving;
using Sluice.Server.Probe;
using Sluice.Server.Processes;

namespace Sluice.Server.Transcode;

/// <summary>Judges files that are still coming: one plays meanwhile when nothing that is offered of it is to be encoded.</summary>
internal sealed class ArrivalJudge(RemuxJudge remux, FfmpegTools tools, SluiceOptions options)
{
    /// <summary>What the beginning of a file tells; see <see cref="ArrivalStep"/>.</summary>
    public async Task<ArrivalLook> LookAsync(IByteSource source, long landedBytes, CancellationToken ct)
    {
        var head = await Task.Run(() => ArrivalHead.Look(source, landedBytes), ct);
        return head.Plays switch
        {
            ArrivalPlays.Now => await JudgeAsync(source, ct),
            ArrivalPlays.NotMovie => await remux.LookAsync(source, landedBytes, ct),
            _ => new ArrivalLook(head.Plays, head.NeedBytes),
        };
    }

    private async Task<ArrivalLook> JudgeAsync(IByteSource source, CancellationToken ct)
    {
        var judged = await Task.Run(() => Triage.JudgeMovie(source, out _), ct);
        var mayEncode = await tools.WhyUselessAsync(options.Transcode, ct) is null;
        return judged is not { RefusedReason: null } || (judged.Reason is not null && !mayEncode) ? ArrivalLook.Never
            : judged.Reason is not null || (mayEncode && judged.Tracks.Any(IsEncoded)) ? ArrivalLook.AtEnd
            : ArrivalLook.Of(new ArrivalPlan(judged, mayEncode));
    }

    /// <summary>In its place or beside it.</summary>
    private static bool IsEncoded(TriagedTrack track) => track.Verdict.Action == Triage.Encode
        || (track is { IsCopied: true, Verdict: { Kind: "video", Codecs: { } codecs } } && TitlePreparation.IsHevc(codecs));
}
