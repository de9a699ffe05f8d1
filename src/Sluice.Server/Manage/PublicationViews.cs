using System.ComponentModel.DataAnnotations;
using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Sluice.Server.Publishing;

namespace Sluice.Server.Manage;

/// <summary>A publication as the API shows it.</summary>
/// <param name="Target">Where: a name of <c>publish.targets</c>.</param>
/// <param name="Form"><c>cmaf</c> or <c>ts</c>.</param>
/// <param name="State"><c>publishing</c>, <c>published</c>, <c>removing</c>, <c>failed</c>, or <c>unlisted</c>: taken away as far as that can be done there.</param>
/// <param name="Progress">0 to 1, of what is being done.</param>
/// <param name="Entrances">What players are given, from the target's root.</param>
/// <param name="Bytes">Bytes of all files; 0 before it was published to the end.</param>
/// <param name="Reason">Why it failed or waits, or what is left there; or null.</param>
/// <param name="Job">The job that was last made for it.</param>
/// <param name="PublishedAt">When it was last published to the end, or null. It has not changed there since, whatever became of the title.</param>
internal sealed record PublicationView(
    string Target,
    [property: Words(typeof(PublicationForm))] string Form,
    [property: AllowedValues("publishing", "published", "removing", "failed", "unlisted")] string State,
    double Progress,
    IReadOnlyList<string> Entrances,
    long Bytes,
    string? Reason,
    string Job,
    DateTimeOffset? PublishedAt)
{
    /// <summary>The view of a publication, from its row and its last job.</summary>
    public static PublicationView Of(Publication row, Job? job, ProgressBoard board)
    {
        var status = job is null ? null : board.Describe(job);
        return new PublicationView(
            row.Target,
            row.Form.Name(),
            StateOf(row, job),
            status?.Progress ?? 1,
            row.Form == PublicationForm.Ts ? [row.Name + ".m3u8"] : [row.Name + "/master.m3u8", row.Name + "/manifest.mpd"],
            row.Bytes,
            status?.Reason ?? row.Note,
            row.JobId,
            row.PublishedAt);
    }

    private static string StateOf(Publication row, Job? job) => job switch
    {
        { State: JobState.Failed or JobState.Cancelled } => StateNames.Failed,
        { FinishedAt: null, Kind: JobKind.Unpublish } => "removing",
        { FinishedAt: null } => "publishing",
        _ => row.PublishedAt is null ? "unlisted" : "published",
    };
}

/// <summary>Where a title is published, and where it can be.</summary>
/// <param name="Items">Oldest first.</param>
/// <param name="Targets">All of <c>publish.targets</c>.</param>
internal sealed record PublicationList(IReadOnlyList<PublicationView> Items, IReadOnlyList<PublishPlaceView> Targets);

/// <summary>A place of the configuration.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Form"><c>cmaf</c> or <c>ts</c>, when nothing is said.</param>
/// <param name="CanRemove">Whether files can be taken away there again.</param>
internal sealed record PublishPlaceView(string Name, [property: Words(typeof(PublicationForm))] string Form, bool CanRemove)
{
    /// <summary>The view of one.</summary>
    public static PublishPlaceView Of(PublishPlace place) => new(place.Name, place.Form.Name(), place.CanRemove);
}

/// <summary>A wish to publish.</summary>
/// <param name="Target">A name of <c>publish.targets</c>.</param>
/// <param name="Form"><c>cmaf</c> or <c>ts</c>; what fits the target when absent.</param>
internal sealed record PublishRequest(string Target, string? Form = null);
