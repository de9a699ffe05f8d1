using Shouldly;
using Sluice.Server.Catalog;
using Xunit;

namespace Sluice.Server.Tests.Catalog;

/// <summary>What every catalog does with the views of links; each implementation runs this suite.</summary>
public abstract class ViewCatalogContract(CatalogHome home) : OverCatalog(home)
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly AssetId Asset = AssetId.New();

    [Fact]
    public async Task As_many_as_a_link_has_are_given_and_each_link_has_its_own()
    {
        var (link, other) = (AssetId.New(), AssetId.New());
        var first = (await Catalog.ClaimViewAsync(Claim(link, "anna"), default)).ShouldNotBeNull();
        var second = (await Catalog.ClaimViewAsync(Claim(link, "bert"), default)).ShouldNotBeNull();
        second.Id.ShouldNotBe(first.Id);
        (await Catalog.ClaimViewAsync(Claim(link, "carl"), default)).ShouldBeNull();
        (await Catalog.ClaimViewAsync(Claim(link, "anna", Noon.AddHours(1)), default)).ShouldBe(first);
        (await Catalog.ClaimViewAsync(Claim(other, "carl"), default)).ShouldNotBeNull();

        (await Catalog.FindViewAsync(link, first.Id, default)).ShouldBe(Noon);
        (await Catalog.FindViewAsync(other, first.Id, default)).ShouldBeNull();
    }

    [Fact]
    public async Task Who_comes_back_late_has_begun_another_one()
    {
        var link = AssetId.New();
        var first = (await Catalog.ClaimViewAsync(Claim(link, "anna"), default)).ShouldNotBeNull();
        var later = (await Catalog.ClaimViewAsync(Claim(link, "anna", Noon.AddHours(6)), default)).ShouldNotBeNull();
        later.Id.ShouldNotBe(first.Id);
        (await Catalog.ClaimViewAsync(Claim(link, "anna", Noon.AddHours(6)), default)).ShouldBe(later);
        (await Catalog.ClaimViewAsync(Claim(link, "anna", Noon.AddHours(12)), default)).ShouldBeNull();
    }

    [Fact]
    public async Task At_once_there_are_no_more_than_one_after_the_other()
    {
        var link = AssetId.New();
        var views = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => Catalog.ClaimViewAsync(Claim(link, $"client{n}"), default)));
        views.Count(v => v is not null).ShouldBe(2);
    }

    [Fact]
    public async Task They_go_with_their_link_and_with_their_title()
    {
        var (link, other) = (AssetId.New(), AssetId.New());
        var ended = (await Catalog.ClaimViewAsync(Claim(link, "anna"), default)).ShouldNotBeNull();
        var going = (await Catalog.ClaimViewAsync(Claim(other, "anna") with { EndsAt = Noon.AddDays(2) }, default)).ShouldNotBeNull();
        (await Catalog.RemoveViewsAsync(Noon.AddDays(1), default)).ShouldBe(1);
        (await Catalog.FindViewAsync(link, ended.Id, default)).ShouldBeNull();
        (await Catalog.FindViewAsync(other, going.Id, default)).ShouldNotBeNull();

        await Catalog.RemoveAsync(Asset, default);
        (await Catalog.FindViewAsync(other, going.Id, default)).ShouldBeNull();
    }

    private static ViewClaim Claim(AssetId link, string client, DateTimeOffset? now = null) =>
        new(link, Asset, client, 2, now ?? Noon, (now ?? Noon).AddHours(-6), Noon.AddDays(1));
}
