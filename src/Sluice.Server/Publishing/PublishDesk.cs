using Sluice.Server.Catalog;
using Sluice.Server.Jobs;

namespace Sluice.Server.Publishing;

/// <summary>Where people ask for titles to be published and taken away, and how far that is.</summary>
internal sealed class PublishDesk(
    AssetDirectory assets, IPublicationCatalog publications, IWorkCatalog catalog, PublishTargets targets, JobControl jobs, ProgressBoard board,
    TimeProvider clock)
{
    private static readonly TimeSpan NameStep = TimeSpan.FromMilliseconds(1);

    private readonly Lock _gate = new();
    private DateTimeOffset _nameTime;

    /// <summary>Where titles can be published.</summary>
    public IReadOnlyList<PublishPlace> Places => targets.Places;

    /// <summary>Has a title published.</summary>
    /// <param name="id">The title.</param>
    /// <param name="target">A name in the configuration.</param>
    /// <param name="form">What as; null for what fits the target.</param>
    /// <param name="ct">Cancels the wish, not the work.</param>
    public async Task<PublishAnswer> PublishAsync(AssetId id, string target, PublicationForm? form, CancellationToken ct)
    {
        if (!targets.Names.Contains(target))
        {
            return PublishAnswer.TargetUnknown;
        }

        if (await assets.FindAsync(id, ct) is not { Owner: null } asset)
        {
            return PublishAnswer.MediaUnknown;
        }

        if (asset.State != AssetState.Ready)
        {
            return new PublishAnswer(PublishOutcome.NotReady, Reason: asset.Reason);
        }

        if (asset.Secret is not null)
        {
            return PublishAnswer.Encrypted;
        }

        var now = clock.GetUtcNow();
        var wanted = form ?? targets.FormOf(target);
        var old = await FindAsync(id, target, ct);
        if (old is not null && old.Form != wanted)
        {
            return PublishAnswer.Conflict;
        }

        // Published again it keeps its name: whoever has the link goes on with it.
        var name = wanted == PublicationForm.Ts ? TsName.Of(asset.FileName, NextNameTime(now)) : id.Value;
        var row = old ?? new Publication { Asset = id, Target = target, Form = wanted, Name = name, CreatedAt = now };
        return await BeginAsync(row, JobKind.Publish, now, ct);
    }

    /// <summary>Has a title taken away; if it is still being published there, that ends first.</summary>
    public async Task<PublishAnswer> UnpublishAsync(AssetId id, string target, CancellationToken ct)
    {
        if (await FindAsync(id, target, ct) is not { } row)
        {
            return PublishAnswer.NotThere;
        }

        if (await catalog.FindJobAsync(row.JobId, ct) is { Kind: JobKind.Publish, FinishedAt: null })
        {
            await jobs.ChangeAsync(row.JobId, JobChange.Cancel, ct);
        }

        return await BeginAsync(row, JobKind.Unpublish, clock.GetUtcNow(), ct);
    }

    /// <summary>Where a title is published, each with the job that was last made for it.</summary>
    public async Task<IReadOnlyList<(Publication Row, Job? Job)>> ListAsync(AssetId id, CancellationToken ct)
    {
        var found = new List<(Publication, Job?)>();
        foreach (var row in await publications.ListPublicationsAsync(id, ct))
        {
            found.Add((row, await catalog.FindJobAsync(row.JobId, ct)));
        }

        return found;
    }

    /// <summary>Whether files of a title are somewhere, or about to be, that could be taken away.</summary>
    public async Task<bool> IsPublishedAsync(AssetId id, CancellationToken ct) =>
        (await ListAsync(id, ct)).Any(p => p.Row.Note is null || p.Row.PublishedAt is not null || p.Job is { FinishedAt: null });

    /// <summary>Now, or later by as little as names can tell: two titles of one file name may be published in the same moment.</summary>
    private DateTimeOffset NextNameTime(DateTimeOffset now)
    {
        lock (_gate)
        {
            return _nameTime = now >= _nameTime + NameStep ? now : _nameTime + NameStep;
        }
    }

    private async Task<PublishAnswer> BeginAsync(Publication row, JobKind kind, DateTimeOffset now, CancellationToken ct)
    {
        var job = new NewJob(kind, [new NewTask(Urgency.Background)]);
        if (await publications.BeginPublicationAsync(row, job, now, ct) is not { } begun)
        {
            return PublishAnswer.MediaUnknown;
        }

        if (!begun.IsBegun)
        {
            return PublishAnswer.Busy;
        }

        jobs.Announce([job]);
        return new PublishAnswer(PublishOutcome.Begun, begun.Row, await board.RefreshAsync(begun.Row.JobId, CancellationToken.None));
    }

    private async Task<Publication?> FindAsync(AssetId id, string target, CancellationToken ct) =>
        (await publications.ListPublicationsAsync(id, ct)).FirstOrDefault(p => p.Target == target);
}

/// <summary>What came of asking.</summary>
/// <param name="Outcome">Whether it is begun.</param>
/// <param name="Row">The publication, when it is.</param>
/// <param name="Job">Its job, when it is.</param>
/// <param name="Reason">Why it is not, where there is more to say.</param>
internal sealed record PublishAnswer(PublishOutcome Outcome, Publication? Row = null, Job? Job = null, string? Reason = null)
{
    public static readonly PublishAnswer TargetUnknown = new(PublishOutcome.TargetUnknown);
    public static readonly PublishAnswer MediaUnknown = new(PublishOutcome.MediaUnknown);
    public static readonly PublishAnswer Encrypted = new(PublishOutcome.Encrypted);
    public static readonly PublishAnswer Conflict = new(PublishOutcome.Conflict);
    public static readonly PublishAnswer NotThere = new(PublishOutcome.NotThere);
    public static readonly PublishAnswer Busy = new(PublishOutcome.Busy);
}

/// <summary>Kinds of answers.</summary>
internal enum PublishOutcome
{
    /// <summary>A job does it.</summary>
    Begun,

    /// <summary>The configuration has no such target.</summary>
    TargetUnknown,

    /// <summary>There is no such title in the library.</summary>
    MediaUnknown,

    /// <summary>The title does not play.</summary>
    NotReady,

    /// <summary>Its segments are encrypted on the way out, and files have no gate before their key.</summary>
    Encrypted,

    /// <summary>It is published there in another form.</summary>
    Conflict,

    /// <summary>It is not published there.</summary>
    NotThere,

    /// <summary>A job for it is under way already.</summary>
    Busy,
}
