using Shouldly;
using Sluice.Server.Catalog;
using Xunit;

namespace Sluice.Server.Tests.Catalog;

/// <summary>Rows of imports.</summary>
public abstract class ImportCatalogContract(CatalogHome home) : OverCatalog(home)
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task One_comes_back_as_it_went_in()
    {
        var full = Sample("a") with
        {
            Title = "Ünï",
            ExpiryMinutes = 60,
            State = JobState.Failed,
            FileName = "clip.mp4",
            Bytes = 1L << 40,
            TotalBytes = 1L << 41,
            Validator = "\"v1\"",
            Reason = "gone",
            FinishedAt = Noon.AddMinutes(1),
        };
        await Tables.AddImportAsync(full, default);
        var bare = await Tables.AddImportAsync(Sample("b") with { Kind = ImportKind.Watch }, default);

        (await Tables.FindImportAsync(full.Id, default)).ShouldBe(full);
        (await Tables.FindImportAsync(bare.Id, default)).ShouldBe(bare);
        (await Tables.FindImportAsync(AssetId.New(), default)).ShouldBeNull();
    }

    [Fact]
    public async Task An_open_one_of_the_same_source_stands_for_another()
    {
        var first = await Tables.AddImportAsync(Sample("a"), default);
        (await Tables.AddImportAsync(Sample("a"), default)).Id.ShouldBe(first.Id);
        (await Tables.AddImportAsync(Sample("a") with { Kind = ImportKind.Watch }, default)).Id.ShouldNotBe(first.Id);

        await Tables.UpdateImportAsync(first.Id, i => i.Ended(JobState.Done, null, Noon), default);
        (await Tables.AddImportAsync(Sample("a"), default)).Id.ShouldNotBe(first.Id);
    }

    [Fact]
    public async Task The_newest_of_a_source_is_found()
    {
        await Tables.AddImportAsync(Sample("a") with { FinishedAt = Noon }, default);
        var newer = await Tables.AddImportAsync(Sample("a") with { CreatedAt = Noon.AddSeconds(1) }, default);

        (await Tables.FindImportAsync(ImportKind.Url, "a", default))!.Id.ShouldBe(newer.Id);
        (await Tables.FindImportAsync(ImportKind.Watch, "a", default)).ShouldBeNull();
    }

    [Fact]
    public async Task Those_that_have_not_ended_are_listed_oldest_first()
    {
        var late = await Tables.AddImportAsync(Sample("a") with { CreatedAt = Noon.AddSeconds(2) }, default);
        var early = await Tables.AddImportAsync(Sample("b"), default);
        await Tables.AddImportAsync(Sample("c") with { FinishedAt = Noon }, default);
        await Tables.AddImportAsync(Sample("d") with { Kind = ImportKind.Watch }, default);

        (await Tables.OpenImportsAsync(ImportKind.Url, default)).Select(i => i.Id).ShouldBe([early.Id, late.Id]);
    }

    [Fact]
    public async Task Only_what_has_ended_is_removed()
    {
        var open = await Tables.AddImportAsync(Sample("a"), default);
        var ended = await Tables.AddImportAsync(Sample("b") with { FinishedAt = Noon }, default);
        await Tables.AddImportAsync(Sample("c") with { FinishedAt = Noon.AddDays(-8) }, default);

        (await Tables.RemoveImportsAsync(Noon.AddDays(-7), default)).ShouldBe(1);
        (await Tables.RemoveImportAsync(open.Id, default)).ShouldBeFalse();
        (await Tables.RemoveImportAsync(ended.Id, default)).ShouldBeTrue();
        (await Tables.ListImportsAsync(null, 10, default)).Select(i => i.Id).ShouldBe([open.Id]);
    }

    [Fact]
    public void The_words_in_rows_never_change() => Enum.GetValues<ImportKind>().Select(StateNames.Name).ShouldBe(["url", "watch", "channel", "torrent"]);

    private static Import Sample(string source) =>
        new() { Id = AssetId.New(), Kind = ImportKind.Url, Source = source, Shown = "shown", CreatedAt = Noon, UpdatedAt = Noon };
}
