using Sluice.Media.Binary;
using Sluice.Server.Package.Arriving;
using Sluice.Server.Probe;

namespace Sluice.Server.Transcode;

/// <summary>Judges files that are still coming: one plays meanwhile when nothing that is offered of it is to be encoded.</summary>
internal sealed class ArrivalJudge(TitlePreparation preparation)
{
    /// <summary>How it is packaged as it comes; null when it does not play before all of it is there.</summary>
    public async Task<ArrivalPlan?> JudgeAsync(IByteSource source, CancellationToken ct)
    {
        if (await Task.Run(() => Triage.JudgeMovie(source, out _), ct) is not { RefusedReason: null, Reason: null } judged)
        {
            return null;
        }

        var mayEncode = await preparation.MissingAsync(ct) is null;
        return mayEncode && judged.Tracks.Any(IsEncoded) ? null : new ArrivalPlan(judged, mayEncode);
    }

    /// <summary>In its place or beside it.</summary>
    private static bool IsEncoded(TriagedTrack track) => track.Verdict.Action == Triage.Encode
        || (track is { IsCopied: true, Verdict: { Kind: "video", Codecs: { } codecs } } && TitlePreparation.IsHevc(codecs));
}
