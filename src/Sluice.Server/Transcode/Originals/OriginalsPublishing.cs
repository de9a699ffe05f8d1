using System.Globalization;
using Sluice.Media.Cmaf;
using Sluice.Media.IsoBmff;
using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Sluice.Server.Package;
using Sluice.Server.Probe;
using Sluice.Server.Processes;
using Sluice.Server.Store;

namespace Sluice.Server.Transcode.Originals;

/// <summary>
/// Offers the streams of a title that were encoded so that nobody waits, or for the sake of browsers that do not play them, as they are
/// too. The title plays meanwhile, and whatever goes wrong here it plays on as before.
/// <code>
///   1 which streams, as which renditions ──► none: done
///   2 ffmpeg -c copy, times as they are ──► 3 indexes on the encoded picture's cuts ──► 4 are they where the encoded ones are?
///   5 objects ──► the row: offered, what they make superfluous is not any more
/// </code>
/// </summary>
internal sealed partial class OriginalsPublishing(
    AssetDirectory assets, IObjectStore store, TitleWork titles, SourceReader reader, Packager packager, RemuxProcess remuxing, TimeProvider clock,
    ILogger<OriginalsPublishing> logger)
{
    /// <summary>Containers round times to milliseconds, and so do our facts.</summary>
    private const double StartSlack = 0.002;

    /// <summary>A stream that lost more than this on the way is not offered.</summary>
    private const double EndSlack = 1;

    /// <summary>Does it for the title of a task, whose source is at <paramref name="source"/>.</summary>
    public async Task<TaskResult> RunAsync(WorkTask task, Asset asset, string source, CancellationToken ct)
    {
        // :: Step 1
        await using var work = asset.Renditions.Any(r => !r.IsEncoded) ? null : await titles.OpenAsync(asset.Id, ct);
        if (work is not { Plan.ReadsRemux: false })
        {
            return TaskResult.Done; // They are offered already: by a process that was killed then, or since the title was repackaged as a whole.
        }

        var (facts, unreadable) = await reader.ReadAsync(source, ct);
        if (facts is null)
        {
            return TaskResult.Failed(unreadable ?? "ffmpeg can make nothing of it", mayRetry: false);
        }

        var originals = Original.Of(work.Plan, facts, asset.Renditions, work.Tables);
        if (originals.Count == 0)
        {
            return TaskResult.Done;
        }

        // :: Step 2
        await using var stage = store.Stage(asset.Id);
        var remux = stage.PathOf(ObjectKey.Remux(asset.Id).Name);
        var order = new RemuxOrder(source, remux, [.. originals.Select(o => (o.Stream, true))], facts.DurationSeconds) { ZeroSeconds = facts.StartSeconds };
        var (exit, words) = await remuxing.RunAsync(task, order, ct);
        if (!exit.IsSuccess || !File.Exists(remux))
        {
            return FfmpegFailure.IsDiskFull(exit, words) ? NoRoom.Result
                : TaskResult.Failed($"ffmpeg {exit}", words, mayRetry: FfmpegFailure.FromOutside(exit, words) is not null);
        }

        // :: Steps 3 and 4
        var lead = work.Plan.Video is { Rungs: [var best, ..] } ? work.Tables[best.Id] : null;
        var places = new CopyPlaces(lead is null ? null : (lead.Timings, lead.Summary.Timescale), PlacesOf(originals));
        var copy = await Task.Run(() => packager.CopyInto(remux, id => stage.PathOf(ObjectKey.Index(asset.Id, id).Name), places, ct), ct);
        if (WhyUnfit(copy, originals, work.Plan, facts) is { } unfit)
        {
            return TaskResult.Failed(unfit, mayRetry: false);
        }

        // :: Step 5
        await PublishAsync(asset, stage, originals, copy.Copied, ct);
        Log.Published(logger, asset.Id, originals.Count);
        return TaskResult.Done;
    }

    /// <summary>Triage numbers the tracks of the repackaged file anew, each kind in its order.</summary>
    private static Func<string, CopyPlace> PlacesOf(IReadOnlyList<Original> originals)
    {
        var places = originals.GroupBy(o => o.Kind[0]).SelectMany(kind => kind.Select((o, i) =>
            (Own: string.Create(CultureInfo.InvariantCulture, $"{kind.Key}{i}"), o.Place))).ToDictionary(p => p.Own, p => p.Place, StringComparer.Ordinal);
        return own => places[own];
    }

    private static string? WhyUnfit(CopyResult copy, IReadOnlyList<Original> originals, EncodePlan plan, SourceFacts facts)
    {
        if (copy.Result.RefusedReason is { } refused)
        {
            return $"it was repackaged, but {refused}";
        }

        if (copy.IsBroken || copy.Copied.Count != originals.Count)
        {
            return copy.Result.Reason ?? "not all of its streams can be packaged as they are";
        }

        if (copy.OriginSeconds != plan.OriginSeconds)
        {
            return "its streams begin too long before their first picture to go with what was encoded";
        }

        return originals.Select(o => WhyUnfit(o, copy.Copied.First(c => c.Id == o.Place.Id), plan, facts)).FirstOrDefault(w => w is not null);
    }

    /// <summary>A stream that is not where the encoded one is would be out of step with picture or sound.</summary>
    private static string? WhyUnfit(Original original, TrackSummary copied, EncodePlan plan, SourceFacts facts)
    {
        var stream = original.Stream;
        var offset = Ticks.ToSeconds(copied.StartTicks, copied.Timescale) - plan.OriginSeconds - (stream.StartSeconds - facts.StartSeconds);
        var missing = (stream.EndSeconds ?? (facts.StartSeconds + facts.DurationSeconds)) - facts.StartSeconds + plan.OriginSeconds
            - Ticks.ToSeconds(copied.EndTicks, copied.Timescale);

        // A picture that begins with frames that nothing can be made of begins later, as what is encoded of it does.
        var isOff = offset < -StartSlack || (offset > StartSlack && stream.Kind != StreamKind.Video);
        return isOff ? string.Create(CultureInfo.InvariantCulture, $"stream {stream.Index} came out {offset:0.000} s off its place")
            : Math.Abs(missing) > EndSlack ? string.Create(CultureInfo.InvariantCulture, $"stream {stream.Index} lost {missing:0.0} s on the way")
            : null;
    }

    private async Task PublishAsync(
        Asset asset, IObjectStage stage, IReadOnlyList<Original> originals, IReadOnlyList<TrackSummary> copied, CancellationToken ct)
    {
        // What the indexes refer to comes first.
        await store.PutAsync(ObjectKey.Remux(asset.Id), stage.PathOf(ObjectKey.Remux(asset.Id).Name), ct);
        foreach (var key in originals.Select(o => ObjectKey.Index(asset.Id, o.Place.Id)))
        {
            await store.PutAsync(key, stage.PathOf(key.Name), ct);
        }

        await assets.UpdateAsync(asset.Id, a => a.Version != asset.Version ? a : a with
        {
            Renditions = [.. a.Renditions.SelectMany(r => With(r, originals, copied))],
            Revision = a.Revision + 1,
            UpdatedAt = clock.GetUtcNow(),
        }, ct);
    }

    /// <summary>Each goes behind its partner: so menus keep their order, and whoever takes the first picture gets one that every browser plays.</summary>
    private static IEnumerable<Rendition> With(Rendition rendition, IReadOnlyList<Original> originals, IReadOnlyList<TrackSummary> copied)
    {
        var original = originals.FirstOrDefault(o => o.Partner == rendition.Id);
        if (original is null)
        {
            return [rendition];
        }

        var summary = copied.First(c => c.Id == original.Place.Id);
        var added = new Rendition(original.Place.Id, original.Kind, IsEncoded: false, IsListed: true, StreamText.Of(original.Stream));
        return Original.Replaces(summary) ? [rendition with { IsListed = false, IsReplaced = true }, added] : [rendition, added];
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "{Asset}: {Count} streams are offered as they are too")]
        public static partial void Published(ILogger logger, AssetId asset, int count);
    }
}
