using Shouldly;
using Sluice.Server.Catalog;
using Xunit;

namespace Sluice.Server.Tests.Catalog;

/// <summary>Rows that say where titles are published.</summary>
public abstract class PublicationCatalogContract(CatalogHome home) : OverCatalog(home)
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly NewJob Job = new(JobKind.Publish, [new NewTask(Urgency.Background)]);

    private Asset _asset = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _asset = CatalogContract.Sample(Noon);
        await Tables.AddAsync(_asset, [], default);
    }

    [Fact]
    public async Task One_comes_back_as_it_went_in_with_its_job()
    {
        var full = Sample("web") with { Form = PublicationForm.Ts, Name = "Ünï_1", Bytes = 1L << 40, Note = "left", PublishedAt = Noon.AddHours(1) };
        var begun = (await Tables.BeginPublicationAsync(full, Job, Noon, default)).ShouldNotBeNull();

        begun.IsBegun.ShouldBeTrue();
        begun.Row.ShouldBe(full with { JobId = begun.Row.JobId });
        (await Tables.ListPublicationsAsync(_asset.Id, default)).ShouldBe([begun.Row]);
        (await Tables.FindPublicationAsync(begun.Row.JobId, default)).ShouldBe(begun.Row);
        (await Tables.FindJobAsync(begun.Row.JobId, default))!.Kind.ShouldBe(JobKind.Publish);
    }

    [Fact]
    public async Task While_its_job_is_open_another_changes_nothing()
    {
        var first = (await BeginAsync("web")).Row;
        var second = await BeginAsync("web", bytes: 5);
        second.ShouldBe((first, false));
        (await BeginAsync("elsewhere")).IsBegun.ShouldBeTrue();

        await Tables.ChangeJobAsync(first.JobId, JobChange.Cancel, Noon, default);
        var third = await BeginAsync("web", bytes: 5);
        (third.IsBegun, third.Row.Bytes).ShouldBe((true, 5));
        third.Row.JobId.ShouldNotBe(first.JobId);
        (await Tables.FindPublicationAsync(first.JobId, default)).ShouldBeNull("the row is the later job's");
        (await Tables.ListPublicationsAsync(_asset.Id, default)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Only_its_own_job_ends_one()
    {
        var first = (await BeginAsync("web")).Row;
        await Tables.ChangeJobAsync(first.JobId, JobChange.Cancel, Noon, default);
        var second = (await BeginAsync("web")).Row;

        await Tables.EndPublicationAsync(first.JobId, _ => null, default);
        (await Tables.ListPublicationsAsync(_asset.Id, default)).ShouldHaveSingleItem();

        await Tables.EndPublicationAsync(second.JobId, p => p with { Bytes = 7, PublishedAt = Noon }, default);
        (await Tables.FindPublicationAsync(second.JobId, default)).ShouldBe(second with { Bytes = 7, PublishedAt = Noon });
        await Tables.EndPublicationAsync(second.JobId, _ => null, default);
        (await Tables.ListPublicationsAsync(_asset.Id, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task They_go_with_their_title_and_none_is_made_without()
    {
        await BeginAsync("web");
        await Tables.RemoveAsync(_asset.Id, default);

        (await Tables.ListPublicationsAsync(_asset.Id, default)).ShouldBeEmpty();
        (await Tables.BeginPublicationAsync(Sample("web"), Job, Noon, default)).ShouldBeNull();
        (await Tables.ListJobsAsync(_asset.Id, null, 10, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Published_is_what_was_sent_to_the_end_until_somebody_asks_to_take_it_away()
    {
        var row = (await BeginAsync("web")).Row;
        (await NamesAsync()).ShouldBeEmpty("it is only begun");

        await EndAsync(row.JobId, p => p with { PublishedAt = Noon });
        (await NamesAsync()).ShouldBe([row.Name]);
        (await Tables.ListPublishedAsync("elsewhere", default)).ShouldBeEmpty();

        var again = (await BeginAsync("web", row: row with { PublishedAt = Noon })).Row;
        (await NamesAsync()).ShouldBe([row.Name], "it is sent once more, and there meanwhile");
        await EndAsync(again.JobId, p => p);

        var away = (await BeginAsync("web", kind: JobKind.Unpublish, row: again with { PublishedAt = Noon })).Row;
        (await NamesAsync()).ShouldBeEmpty("from now on it is not to be listed");
        await EndAsync(away.JobId, p => p);
        (await NamesAsync()).ShouldBeEmpty("nor when that has failed");
    }

    [Fact]
    public async Task Published_are_those_of_all_titles_of_one_target_oldest_first()
    {
        var second = CatalogContract.Sample(Noon);
        await Tables.AddAsync(second, [], default);
        Publication[] all =
        [
            Sample("web") with { CreatedAt = Noon.AddHours(1) }, Sample("elsewhere"), Sample("web") with { Asset = second.Id, Name = second.Id.Value },
        ];
        foreach (var one in all)
        {
            await EndAsync((await BeginAsync(one.Target, row: one)).Row.JobId, p => p with { PublishedAt = Noon });
        }

        (await NamesAsync()).ShouldBe([second.Id.Value, _asset.Id.Value]);
    }

    private async Task<string[]> NamesAsync() => [.. (await Tables.ListPublishedAsync("web", default)).Select(p => p.Name)];

    /// <summary>Ends a publication and its job.</summary>
    private async Task EndAsync(string job, Func<Publication, Publication?> change)
    {
        await Tables.EndPublicationAsync(job, change, default);
        await Tables.ChangeJobAsync(job, JobChange.Cancel, Noon, default);
    }

    private async Task<(Publication Row, bool IsBegun)> BeginAsync(
        string target, long bytes = 0, JobKind kind = JobKind.Publish, Publication? row = null) =>
        (await Tables.BeginPublicationAsync(row ?? Sample(target) with { Bytes = bytes }, Job with { Kind = kind }, Noon, default)).ShouldNotBeNull();

    private Publication Sample(string target) =>
        new() { Asset = _asset.Id, Target = target, Form = PublicationForm.Cmaf, Name = _asset.Id.Value, CreatedAt = Noon };
}
