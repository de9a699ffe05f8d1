using Sluice.Media.Binary;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Package;
using Sluice.Server.Probe;
using Sluice.Server.Store;
using Sluice.Server.Transcode;
using Sluice.Server.Transcode.Far;

namespace Sluice.Server.Sessions;

/// <summary>
/// Plans titles of files that lie elsewhere and do not play as they are, so that they play at once all the same: what somebody watches is encoded then.
/// <code>
///   1 ffprobe over a relay ──▶ what the streams are; the length by the file's tail, or as its headers say
///   2 a file of which something plays ──▶ the rest beside that; anything else, and what is drawn into ──▶ all of it, in one size
/// </code>
/// </summary>
internal sealed class EncodedTitles(SourceReader reader, TitlePreparation preparation, SluiceOptions options, TimeProvider clock)
{
    private const string WhileItLiesThere = "it is encoded where somebody watches it, for it plays while it stays where it lies";

    /// <summary>Plans a title. What cannot be is told as for any file: refused, or kept with a reason.</summary>
    /// <param name="file">The file.</param>
    /// <param name="copy">What was copied of it by its tables, if it has such.</param>
    /// <param name="burn">Subtitles that are to be drawn into the picture, by track or language; null for none.</param>
    /// <param name="pathOf">Where an object of that name goes.</param>
    /// <param name="ct">Gives up; ends child processes too.</param>
    /// <exception cref="SourceUnavailableException">It cannot be read.</exception>
    public async Task<PackageResult> PrepareAsync(SessionFile file, CopyResult copy, string? burn, Func<string, string> pathOf, CancellationToken ct)
    {
        await using var relay = new SourceRelay(file.Reader, clock);
        var prepared = await PrepareAsync(relay.Url, file, copy, burn, pathOf, ct);
        return prepared is { State: AssetState.Ready } || relay.Trouble is not { } trouble ? prepared : throw new SourceUnavailableException(trouble);
    }

    private async Task<PackageResult> PrepareAsync(
        string url, SessionFile file, CopyResult copy, string? burn, Func<string, string> pathOf, CancellationToken ct)
    {
        // :: Step 1
        var manner = EncodeManner.Passing(options.Sessions.EncodedBytes);
        var (facts, unreadable) = await reader.ReadFarAsync(url, ct);
        if (facts is null || (facts.Score < SourceTriage.SureScore && !await IsRecognisedAsync(file, ct)))
        {
            return copy.Result.RefusedReason is null
                ? copy.Result with { WishProblem = burn is null ? null : $"ffmpeg can make nothing of it{(unreadable is null ? "" : $": {unreadable}")}." }
                : copy.Result with { RefusedReason = unreadable ?? copy.Result.RefusedReason };
        }

        if (facts.DurationSeconds <= 0)
        {
            return new PackageResult("nobody knows how long it is", AssetState.NeedsTranscode, null, "", 0, []);
        }

        // :: Step 2
        var choice = burn is null ? null : BurnChoice.Find(facts, burn);
        if (choice is { Stream: null })
        {
            return copy.Result with { WishProblem = choice.Problem };
        }

        var drawable = DrawableSubtitles.Of(facts);
        if (choice is null && copy is { Result.RefusedReason: null, IsBroken: false, Copied.Count: > 0 })
        {
            return await preparation.EncodeBesideAsync(url, pathOf, copy, facts, manner, isRemux: false, ct) with { Drawable = drawable };
        }

        foreach (var id in copy.Result.Tracks.Select(t => t.Id).OfType<string>())
        {
            File.Delete(pathOf(ObjectKey.Index(default, id).Name));
        }

        var verdict = StreamTriage.Judge(facts, mayRemux: false, burned: choice?.Stream, whyNot: WhileItLiesThere);
        return await preparation.EncodeAllAsync(url, verdict, [], manner, pathOf, ct) with { Drawable = drawable };
    }

    private static async Task<bool> IsRecognisedAsync(SessionFile file, CancellationToken ct)
    {
        var head = new byte[Math.Min(Containers.HeadBytes, file.Length)];
        return await file.Reader.ReadAllAsync(0, head, ct) && Containers.Recognise(new MemoryByteSource(head)) is not null;
    }
}
