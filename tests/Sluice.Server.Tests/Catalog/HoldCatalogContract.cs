using Shouldly;
using Sluice.Server.Catalog;
using Xunit;

namespace Sluice.Server.Tests.Catalog;

/// <summary>What only one server has at a time.</summary>
public abstract class HoldCatalogContract(CatalogHome home) : OverCatalog(home)
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(20);
    private static readonly Holder One = new("one", new Uri("http://10.0.0.1:8080"));
    private static readonly Holder Two = new("two");

    [Fact]
    public async Task One_has_it_until_its_time_is_over()
    {
        (await Tables.HoldAsync("a", One, Noon, Length, default)).ShouldBeTrue();
        (await Tables.HoldAsync("a", Two, Noon.AddSeconds(19), Length, default)).ShouldBeFalse();
        (await Tables.HolderAsync("a", Noon.AddSeconds(19), default)).ShouldBe(One);
        (await Tables.HoldAsync("b", Two, Noon, Length, default)).ShouldBeTrue("another thing");

        (await Tables.HolderAsync("a", Noon.AddSeconds(20), default)).ShouldBeNull();
        (await Tables.HoldAsync("a", Two, Noon.AddSeconds(20), Length, default)).ShouldBeTrue();
        (await Tables.HoldAsync("a", One, Noon.AddSeconds(21), Length, default)).ShouldBeFalse("it was too late");
        (await Tables.HolderAsync("a", Noon.AddSeconds(21), default)).ShouldBe(Two);
    }

    [Fact]
    public async Task Who_has_it_keeps_it_and_gets_it_back()
    {
        await Tables.HoldAsync("a", One, Noon, Length, default);
        (await Tables.HoldAsync("a", One, Noon.AddSeconds(10), Length, default)).ShouldBeTrue();
        (await Tables.HoldAsync("a", Two, Noon.AddSeconds(25), Length, default)).ShouldBeFalse();
    }

    [Fact]
    public async Task Those_whose_time_is_over_are_forgotten_by_their_name()
    {
        foreach (var name in (string[])["rsd a", "rsd b", "rsc a", "rse a"])
        {
            await Tables.HoldAsync(name, One, Noon, Length, default);
        }

        await Tables.HoldAsync("rsd b", One, Noon.AddSeconds(10), Length, default);
        await Tables.ForgetAsync("rsd ", Noon.AddSeconds(20), default);

        (await Tables.KeepAsync("rsd a", One, Noon, Length, default)).ShouldBeFalse();
        foreach (var name in (string[])["rsd b", "rsc a", "rse a"])
        {
            (await Tables.KeepAsync(name, One, Noon, Length, default)).ShouldBeTrue(name);
        }
    }

    [Fact]
    public async Task It_is_kept_late_and_not_by_who_would_take_it_anew()
    {
        (await Tables.KeepAsync("a", One, Noon, Length, default)).ShouldBeFalse("nobody has it");
        await Tables.HoldAsync("a", One, Noon, Length, default);
        (await Tables.KeepAsync("a", One, Noon.AddSeconds(60), Length, default)).ShouldBeTrue("nobody has had it since");
        (await Tables.HoldAsync("a", Two, Noon.AddSeconds(75), Length, default)).ShouldBeFalse();
        (await Tables.HoldAsync("a", Two, Noon.AddSeconds(80), Length, default)).ShouldBeTrue();
        (await Tables.KeepAsync("a", One, Noon.AddSeconds(200), Length, default)).ShouldBeFalse("another has it");
        await Tables.LetGoAsync("a", Two.Name, default);
        (await Tables.KeepAsync("a", One, Noon.AddSeconds(200), Length, default)).ShouldBeFalse("another has had it");
        (await Tables.HolderAsync("a", Noon.AddSeconds(200), default)).ShouldBeNull();
    }

    [Fact]
    public async Task It_is_given_back_by_who_has_it_and_by_nobody_else()
    {
        await Tables.HoldAsync("a", One, Noon, Length, default);
        await Tables.LetGoAsync("a", "two", default);
        (await Tables.HolderAsync("a", Noon, default)).ShouldBe(One);

        await Tables.LetGoAsync("a", "one", default);
        (await Tables.HolderAsync("a", Noon, default)).ShouldBeNull();
        (await Tables.HoldAsync("a", Two, Noon, Length, default)).ShouldBeTrue();
    }

    [Fact]
    public async Task Of_many_at_once_one_gets_it()
    {
        var got = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => Tables.HoldAsync("a", new Holder($"node {n}"), Noon, Length, default)));
        got.Count(had => had).ShouldBe(1);
    }
}
