using Shouldly;
using Sluice.Server.Catalog;
using Xunit;

namespace Sluice.Server.Tests.Catalog;

/// <summary>What every catalog does when a title is published, whether or not it was there before; each implementation runs this suite.</summary>
public abstract class PublishCatalogContract(CatalogHome home) : OverCatalog(home)
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly NewJob Job = new(JobKind.Extras, [new NewTask(Urgency.Background)]);

    [Fact]
    public async Task A_title_that_was_not_there_is_added_with_its_jobs()
    {
        var asset = CatalogContract.Sample(Noon);
        Asset? seen = asset;

        var published = await Catalog.PublishAsync(asset.Id, old => (seen = old) is null ? asset : null, [Job], default);

        seen.ShouldBeNull();
        published!.Title.ShouldBe(asset.Title);
        (await Catalog.FindAsync(asset.Id, default))!.UpdatedAt.ShouldBe(asset.UpdatedAt);
        (await Catalog.ListJobsAsync(asset.Id, null, 10, default)).ShouldHaveSingleItem().Kind.ShouldBe(JobKind.Extras);
    }

    [Fact]
    public async Task One_that_was_arriving_is_replaced_by_what_is_made_of_it()
    {
        var arriving = CatalogContract.Sample(Noon) with { State = AssetState.Arriving, Title = "Mine", Epoch = 4, AdminKeyHash = [] };
        await Catalog.AddAsync(arriving, default);
        (await Catalog.FindAsync(arriving.Id, default))!.AdminKeyHash.ShouldBeEmpty();

        var published = await Catalog.PublishAsync(
            arriving.Id, old => old! with { Id = AssetId.New(), State = AssetState.Ready, AdminKeyHash = [1] }, [Job], default);

        published!.Id.ShouldBe(arriving.Id, "a row keeps its name");
        var found = (await Catalog.FindAsync(arriving.Id, default))!;
        (found.State, found.Title, found.Epoch, found.AdminKeyHash.Length).ShouldBe((AssetState.Ready, "Mine", 4, 1));
        (await Catalog.ListAsync(null, 10, default)).ShouldHaveSingleItem();
        (await Catalog.ListJobsAsync(arriving.Id, null, 10, default)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Who_makes_nothing_changes_nothing()
    {
        var asset = CatalogContract.Sample(Noon);
        await Catalog.AddAsync(asset, default);

        (await Catalog.PublishAsync(asset.Id, _ => null, [Job], default)).ShouldBeNull();

        (await Catalog.FindAsync(asset.Id, default))!.Title.ShouldBe(asset.Title);
        (await Catalog.ListJobsAsync(asset.Id, null, 10, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Nothing_is_written_by_who_lost_what_it_held()
    {
        var (asset, length) = (CatalogContract.Sample(Noon), TimeSpan.FromSeconds(9));
        var fence = new Fence("title", "one");
        (await Catalog.PublishAsync(asset.Id, _ => asset, [Job], default, fence)).ShouldBeNull("it never had it");
        await Tables.HoldAsync("title", new Holder("one"), Noon, length, default);
        await Tables.HoldAsync("title", new Holder("two"), Noon + 2 * length, length, default);

        (await Catalog.PublishAsync(asset.Id, _ => asset, [Job], default, fence)).ShouldBeNull();
        (await Catalog.FindAsync(asset.Id, default)).ShouldBeNull();
        (await Catalog.ListJobsAsync(asset.Id, null, 10, default)).ShouldBeEmpty();

        (await Catalog.PublishAsync(asset.Id, _ => asset, [Job], default, fence with { Owner = "two" })).ShouldNotBeNull();
    }

    [Fact]
    public async Task Nothing_is_made_of_an_upload_that_was_given_up()
    {
        var asset = CatalogContract.Sample(Noon);
        var upload = new Upload { Id = asset.Id, LengthBytes = 1, Metadata = "", CreatedAt = Noon, UpdatedAt = Noon, ExpiresAt = Noon.AddDays(1) };
        await Catalog.AddUploadAsync(upload, default);
        await Catalog.UpdateUploadAsync(asset.Id, u => u with { Reason = "no" }, default);

        (await Catalog.PublishAsync(asset.Id, _ => asset, [Job], default)).ShouldBeNull();
        (await Catalog.FindAsync(asset.Id, default)).ShouldBeNull();

        await Catalog.UpdateUploadAsync(asset.Id, u => u with { Reason = null }, default);
        (await Catalog.PublishAsync(asset.Id, _ => asset, [Job], default)).ShouldNotBeNull();
    }

    [Fact]
    public async Task What_fails_in_the_making_leaves_all_as_it_was()
    {
        var asset = CatalogContract.Sample(Noon);

        await Should.ThrowAsync<InvalidOperationException>(
            () => Catalog.PublishAsync(asset.Id, _ => throw new InvalidOperationException("no"), [Job], default));

        (await Catalog.FindAsync(asset.Id, default)).ShouldBeNull();
        (await Catalog.ListJobsAsync(asset.Id, null, 10, default)).ShouldBeEmpty();
    }
}
