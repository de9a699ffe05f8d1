using Shouldly;
using Sluice.Server.Catalog;
using Xunit;

namespace Sluice.Server.Tests.Catalog;

/// <summary>Rows of channels.</summary>
public abstract class ChannelCatalogContract(CatalogHome home) : OverCatalog(home)
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task One_comes_back_as_it_went_in()
    {
        var row = new ChannelRow("news", """{"title":"Ünï 'quoted'"}""", 7, Noon.AddMicroseconds(3), Noon.AddHours(1));

        (await Tables.PutChannelAsync("news", old => old is null ? row : null, default)).ShouldBe(row);

        (await Tables.FindChannelAsync("news", default)).ShouldBe(row);
        (await Tables.FindChannelAsync("NEWS", default)).ShouldBeNull();
    }

    [Fact]
    public async Task A_change_sees_the_row_that_is_there_and_keeps_its_name()
    {
        await Tables.PutChannelAsync("news", _ => Sample("news"), default);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Tables.PutChannelAsync(
            "news", old => old! with { Name = "other", Epoch = old.Epoch + 1 }, default)));

        (await Tables.ListChannelsAsync(default)).ShouldBe([Sample("news") with { Epoch = 21 }]);
    }

    [Fact]
    public async Task Nothing_is_written_when_nothing_is_made()
    {
        (await Tables.PutChannelAsync("news", old => old, default)).ShouldBeNull();

        (await Tables.ListChannelsAsync(default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task They_are_listed_by_name_and_leave_one_by_one()
    {
        foreach (var name in (string[])["b", "c", "a"])
        {
            await Tables.PutChannelAsync(name, _ => Sample(name), default);
        }

        (await Tables.RemoveChannelAsync("b", default)).ShouldBeTrue();
        (await Tables.RemoveChannelAsync("b", default)).ShouldBeFalse();

        (await Tables.ListChannelsAsync(default)).Select(row => row.Name).ShouldBe(["a", "c"]);
    }

    [Fact]
    public void Its_settings_are_no_part_of_what_a_log_would_show() => Sample("news").ToString().ShouldBe("news (1)");

    private static ChannelRow Sample(string name) => new(name, "{}", 1, Noon, Noon);
}
