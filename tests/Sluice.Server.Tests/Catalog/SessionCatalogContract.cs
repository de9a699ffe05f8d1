using Shouldly;
using Sluice.Server.Catalog;
using Xunit;

namespace Sluice.Server.Tests.Catalog;

/// <summary>Sessions that several servers know of, and who may work for them.</summary>
public abstract class SessionCatalogContract(CatalogHome home) : OverCatalog(home)
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task One_is_found_by_what_it_is_called_plays_and_comes_from()
    {
        var row = Row("one", source: "s");
        (await Tables.AddSessionAsync(row, Noon, default)).ShouldBeTrue();
        (await Tables.FindSessionAsync(row.Id, default)).ShouldBe(row);
        (await Tables.FindSessionBySourceAsync("s", default)).ShouldBe(row);

        var open = row with { State = "{1}", Shown = "{2}", Plays = "session-x", ExpiresAt = Noon.AddMinutes(9) };
        (await Tables.UpdateSessionAsync(open, default)).ShouldBeTrue();
        (await Tables.FindSessionOfAsync("session-x", default)).ShouldBe(open);
        var newer = Row("one") with { CreatedAt = Noon.AddMinutes(1) };
        await Tables.AddSessionAsync(newer, Noon, default);
        (await Tables.ListSessionsAsync(default)).ShouldBe([newer, open]);

        await Tables.ClearSessionsAsync(default);
        (await Tables.ListSessionsAsync(default)).ShouldBeEmpty();
        (await Tables.FindSessionAsync(row.Id, default)).ShouldBeNull();
    }

    [Fact]
    public async Task A_source_has_one_that_has_not_ended()
    {
        var first = Row("one", source: "s");
        await Tables.AddSessionAsync(first, Noon, default);
        (await Tables.AddSessionAsync(Row("two", source: "s"), Noon, default)).ShouldBeFalse();
        (await Tables.AddSessionAsync(Row("two"), Noon, default)).ShouldBeTrue("who has no source shares none");

        var again = Row("one", source: "s");
        (await Tables.AddSessionAsync(again, Noon, default)).ShouldBeTrue("its own server begins it anew");
        (await Tables.FindSessionBySourceAsync("s", default))!.Id.ShouldBe(again.Id);
        (await Tables.AddSessionAsync(Row("two", source: "s"), again.ExpiresAt, default)).ShouldBeTrue("it has ended");
    }

    [Fact]
    public async Task Whose_it_is_no_more_changes_and_removes_nothing()
    {
        var row = Row("one");
        await Tables.AddSessionAsync(row, Noon, default);
        (await Tables.OwnSessionAsync(row.Id, "two", default)).ShouldBeTrue();

        (await Tables.UpdateSessionAsync(row with { Plays = "late" }, default)).ShouldBeFalse();
        (await Tables.RemoveSessionAsync(row.Id, "one", default)).ShouldBeFalse();
        (await Tables.FindSessionAsync(row.Id, default)).ShouldBe(row with { Owner = "two" });
        (await Tables.RemoveSessionAsync(row.Id, "two", default)).ShouldBeTrue();
        (await Tables.OwnSessionAsync(row.Id, "two", default)).ShouldBeFalse();
    }

    [Fact]
    public async Task What_a_session_plays_is_encoded_by_who_has_the_session_and_by_nobody_else()
    {
        var owned = CatalogContract.Sample(Noon) with { Owner = "session x" };
        var alone = CatalogContract.Sample(Noon) with { Owner = "session" };
        var free = CatalogContract.Sample(Noon);
        foreach (var asset in (Asset[])[owned, alone, free])
        {
            await Catalog.AddAsync(asset, [new NewJob(JobKind.Encode, [new NewTask(Urgency.Viewer)])], default);
        }

        (await Tables.OwnedAsync("session x", default)).ShouldBe([owned.Id]);
        await Tables.HoldAsync("session x", new Holder("one"), Noon, Lease, default);

        (await ClaimAsync("two")).ShouldBe(alone.Id);
        (await ClaimAsync("two")).ShouldBe(free.Id);
        (await ClaimAsync("two")).ShouldBeNull();
        (await ClaimAsync("one")).ShouldBe(owned.Id);
    }

    [Fact]
    public async Task A_process_that_begins_anew_gives_back_what_it_had_of_a_kind()
    {
        foreach (var name in (string[])["session a", "session b", "channel a"])
        {
            await Tables.HoldAsync(name, new Holder("one"), Noon, Lease, default);
        }

        await Tables.HoldAsync("session c", new Holder("two"), Noon, Lease, default);
        await Tables.LetAllGoAsync("session ", "one", default);

        (await Task.WhenAll(((string[])["session a", "session b", "session c", "channel a"]).Select(async name => (await Tables.HolderAsync(name, Noon, default))?.Name)))
            .ShouldBe([null, null, "two", "one"]);
    }

    private async Task<AssetId?> ClaimAsync(string worker) => (await Catalog.ClaimAsync(worker, Urgency.Background, Noon, Lease, default))?.Asset;

    private static SessionRow Row(string owner, string? source = null) => new(AssetId.New(), source, owner, "{}", "{}", null, Noon, Noon.AddMinutes(1));
}
