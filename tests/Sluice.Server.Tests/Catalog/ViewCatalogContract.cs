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
        var first = (await ClaimAsync(link, "anna")).ShouldNotBeNull();
        var second = (await ClaimAsync(link, "bert")).ShouldNotBeNull();
        second.ShouldNotBe(first);
        (await ClaimAsync(link, "carl")).ShouldBeNull();
        (await ClaimAsync(link, "anna", hours: 1)).ShouldBe(first);
        var others = (await ClaimAsync(other, "carl")).ShouldNotBeNull();
        (await ClaimAsync(link, "carl", said: others)).ShouldBeNull("it is a view of another link");
    }

    [Fact]
    public async Task One_that_is_in_use_goes_on_and_who_comes_back_late_has_begun_another()
    {
        var link = AssetId.New();
        var first = (await ClaimAsync(link, "anna")).ShouldNotBeNull();
        for (var hours = 5; hours <= 50; hours += 5)
        {
            (await ClaimAsync(link, "anna", hours: hours)).ShouldBe(first);
        }

        var later = (await ClaimAsync(link, "anna", hours: 56, said: first)).ShouldNotBeNull();
        later.ShouldNotBe(first);
        (await ClaimAsync(link, "anna", hours: 57)).ShouldBe(later);
        (await ClaimAsync(link, "anna", hours: 63)).ShouldBeNull();
    }

    [Fact]
    public async Task A_view_that_is_named_goes_on_by_the_same_program_from_a_few_addresses_and_no_more()
    {
        var link = AssetId.New();
        var view = (await ClaimAsync(link, "anna", address: 0)).ShouldNotBeNull();
        (await ClaimAsync(link, "bert", address: 0)).ShouldNotBe(view, "another program of the same line");
        (await ClaimAsync(link, "bert", address: 0, said: view)).ShouldNotBe(view);
        for (var address = 1; address < ViewClaim.MostAddresses; address++)
        {
            (await ClaimAsync(link, "anna", address: address)).ShouldBeNull("who does not name the view is somebody else");
            (await ClaimAsync(link, "anna", address: address, said: view)).ShouldBe(view);
            (await ClaimAsync(link, "anna", address: address)).ShouldBe(view);
        }

        (await ClaimAsync(link, "anna", address: ViewClaim.MostAddresses, said: view)).ShouldBeNull();
        (await ClaimAsync(link, "anna", address: 1, said: view)).ShouldBe(view);
    }

    [Fact]
    public async Task At_once_there_are_no_more_than_one_after_the_other()
    {
        var link = AssetId.New();
        var views = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => ClaimAsync(link, $"client{n}")));
        views.Count(v => v is not null).ShouldBe(2);

        var named = views.OfType<AssetId>().First();
        var program = Enumerable.Range(0, 20).Single(n => views[n] == named);
        var elsewhere = await Task.WhenAll(Enumerable.Range(1, 20).Select(n => ClaimAsync(link, $"client{program}", address: n, said: named)));
        elsewhere.Count(v => v == named).ShouldBe(ViewClaim.MostAddresses - 1);
    }

    [Fact]
    public async Task They_go_with_their_link_and_with_their_title()
    {
        var (link, other) = (AssetId.New(), AssetId.New());
        await ClaimAsync(link, "anna");
        await ClaimAsync(other, "anna", lasts: 2);
        (await Catalog.RemoveViewsAsync(Noon.AddDays(1), default)).ShouldBe(1);
        (await Catalog.RemoveViewsAsync(Noon.AddDays(1), default)).ShouldBe(0);

        await Catalog.RemoveAsync(Asset, default);
        (await Catalog.RemoveViewsAsync(Noon.AddDays(9), default)).ShouldBe(0, "they went with their title");
    }

    [Fact]
    public async Task Whatever_its_clients_say_a_view_is_written_once_in_a_while_only()
    {
        var link = AssetId.New();
        var view = (await ClaimAsync(link, "anna")).ShouldNotBeNull();
        var before = await StateAsync();
        for (var n = 0; n < 100; n++)
        {
            (await ClaimAsync(link, "anna", said: AssetId.New())).ShouldBe(view);
            (await ClaimAsync(link, "anna", said: view)).ShouldBe(view);
            (await StateAsync()).ShouldBe(before);
        }

        (await ClaimAsync(link, "anna", address: 1, said: view)).ShouldBe(view);
        var joined = await StateAsync();
        joined.ShouldNotBe(before, "an address more");
        (await ClaimAsync(link, "anna", hours: 1)).ShouldBe(view);
        (await StateAsync()).ShouldNotBe(joined, "it is in use still");
    }

    /// <summary>Another one whenever somebody wrote, the same values too.</summary>
    private protected abstract Task<object?> StateAsync();

    /// <summary>A claim of one of two views.</summary>
    private Task<AssetId?> ClaimAsync(AssetId link, string program, int address = 0, int hours = 0, AssetId? said = null, int lasts = 1) => Catalog.ClaimViewAsync(
        new(link, Asset, said, program, $"address{address:00000000}0", 2, Noon.AddHours(hours), Noon.AddHours(hours - 6), Noon.AddHours(hours - 1),
        Noon.AddDays(lasts)), default);
}
