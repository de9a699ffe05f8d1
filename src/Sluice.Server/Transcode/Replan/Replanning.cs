using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Jobs;
using Sluice.Server.Probe;
using Sluice.Server.Processes;
using Sluice.Server.Store;
using Sluice.Server.Transcode.Far;

namespace Sluice.Server.Transcode.Replan;

/// <summary>Checks what is asked for, notes it at the title, and makes the job: see <see cref="ReplanTask"/>.</summary>
internal sealed class Replanning(
    AssetDirectory assets, ICatalog catalog, IObjectStore store, SourceReader reader, FfmpegTools tools, JobControl jobs, SluiceOptions options,
    TimeProvider clock)
    : IReplanning
{
    /// <inheritdoc />
    public async Task<ReplanAnswer> BurnAsync(AssetId asset, string? subtitles, CancellationToken ct)
    {
        if (await assets.FindAsync(asset, ct) is not { State: AssetState.Ready } title)
        {
            return new ReplanAnswer(null, "It does not play yet.");
        }

        var missing = options.Transcode.Enabled ? (await tools.CheckAsync(ct)).MissingReason : "encoding is switched off (transcode.enabled)";
        await using var source = await ReadableSource.OpenAsync(store, ObjectKey.Source(asset), clock, ct);
        if (missing is not null || source is null)
        {
            return new ReplanAnswer(null, $"It cannot be encoded here: {missing ?? "its file is not there any more"}.");
        }

        int? track = null;
        if (subtitles is not null)
        {
            var (facts, unreadable) = await reader.ReadAsync(source.Path, ct);
            var choice = facts is null ? new BurnChoice(null, 0, source.Trouble ?? unreadable) : BurnChoice.Find(facts, subtitles);
            if (choice.Stream is null)
            {
                return new ReplanAnswer(null, null, choice.Problem);
            }

            track = choice.Track;
        }

        if (title.Extras.BurnedTrack == track && title.BurnedTrack == track)
        {
            return new ReplanAnswer(null);
        }

        // Who asks last is right: what was asked for before is not begun any more.
        foreach (var older in (await catalog.ListJobsAsync(asset, null, 100, ct)).Where(j => j is { Kind: JobKind.Replan, FinishedAt: null }))
        {
            await jobs.ChangeAsync(older.Id, JobChange.Cancel, ct);
        }

        await assets.UpdateAsync(asset, a => a with { Extras = a.Extras with { BurnedTrack = track } }, ct);
        var added = await jobs.AddAsync(asset, [new NewJob(JobKind.Replan, [new NewTask(Urgency.Title)])], ct);
        return added is [var job] ? new ReplanAnswer(job) : new ReplanAnswer(null, "It was removed meanwhile.");
    }
}
