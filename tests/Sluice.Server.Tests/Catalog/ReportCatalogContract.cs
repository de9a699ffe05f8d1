using Shouldly;
using Sluice.Server.Catalog;
using Xunit;

namespace Sluice.Server.Tests.Catalog;

/// <summary>Rows that are only added: what was done with keys and links, and how playbacks went.</summary>
public abstract class ReportCatalogContract(CatalogHome home) : OverCatalog(home)
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task What_was_done_comes_back_newest_first_page_by_page()
    {
        AuditRow[] rows =
        [
            new(0, Noon, "link-made", "0123456789abcdef", "operator-session", "127.0.0.1"),
            new(0, Noon.AddMicroseconds(-1), "login", null, "operator", null),
            new(0, Noon.AddHours(1), "ünï", "", "'quoted'", "::1"),
        ];
        foreach (var row in rows)
        {
            await Tables.AddAuditAsync(row, default);
        }

        var all = await Tables.ListAuditAsync(null, 10, default);
        all.Select(row => row with { Number = 0 }).ShouldBe(rows.Reverse());
        all.Select(row => row.Number).ShouldBe(all.Select(row => row.Number).OrderDescending());
        (await Tables.ListAuditAsync(all[0].Number, 1, default)).ShouldBe([all[1]]);
        (await Tables.ListAuditAsync(all[2].Number, 10, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task How_playbacks_went_comes_back_and_goes_with_its_title()
    {
        var (asset, other) = (CatalogContract.Sample(Noon), CatalogContract.Sample(Noon));
        await Catalog.AddAsync(asset, default);
        await Catalog.AddAsync(other, default);
        var good = new PlaybackRow(asset.Id, Noon, "hls", 300, 60, 2, 1500, 1, 3, null);
        var bad = new PlaybackRow(asset.Id, Noon.AddHours(1), "dash", null, 0, 0, 0, 0, 0, "network");
        foreach (var row in (PlaybackRow[])[good, bad, good with { Asset = other.Id }])
        {
            await Tables.AddPlaybackAsync(row, default);
        }

        (await Tables.ListPlaybacksAsync(asset.Id, 10, default)).ShouldBe([bad, good]);
        (await Tables.ListPlaybacksAsync(asset.Id, 1, default)).ShouldBe([bad]);
        await Catalog.RemoveAsync(asset.Id, default);
        (await Tables.ListPlaybacksAsync(asset.Id, 10, default)).ShouldBeEmpty();
        (await Tables.ListPlaybacksAsync(other.Id, 10, default)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Text_that_no_database_can_hold_is_kept_as_far_as_it_is_text()
    {
        await Tables.AddAuditAsync(new AuditRow(0, Noon, "a\0b", "half \ud83c", "whole 🎬", null), default);

        var row = (await Tables.ListAuditAsync(null, 1, default)).ShouldHaveSingleItem();
        (row.Action, row.Subject, row.Actor).ShouldBe(("a\ufffdb", "half \ufffd", "whole 🎬"));
    }
}
