using System.Data.Common;
using Shouldly;
using Sluice.Server.Catalog;
using Xunit;

namespace Sluice.Server.Tests.Catalog;

/// <summary>What every catalog does; each implementation runs this suite.</summary>
public abstract class CatalogContract(CatalogHome home) : OverCatalog(home)
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task An_asset_comes_back_as_it_went_in()
    {
        var asset = Sample(Noon.AddMicroseconds(7)) with
        {
            Title = "Ünï 'quoted' <b>",
            State = AssetState.NeedsTranscode,
            Reason = "video prores: no browser plays it",
            Origin = "pyhls",
            DurationSeconds = 12.345678901,
            Tracks = [new("a0", "audio", "aac", "copy", "plays", "mp4a.40.2", "de", "Ton"), new(null, "other", "?", "drop", "data", null, null, null)],
            ExpiresAt = Noon.AddHours(1),
            ExpiryMinutes = 60,
            TokensRefreshedAt = Noon.AddMinutes(1),
            Epoch = 3,
            SizeBytes = 1L << 40,
            Sha256 = new string('b', 64),
            Renditions = [new("v1", "video", IsEncoded: true, IsListed: false, "H.264 1280x720")],
            Revision = 7,
            Secret = SegmentSecret.New(),
            AllowedOrigins = OriginList.TryParse(["https://good.example", "*.example.com"], out var origins) ? origins : null,
            Extras = new AssetExtras
            {
                HasPoster = true,
                Storyboard = new StoryboardFacts(3, 24.5),
                Subtitles = [new("s4", "pt-BR", "Ünï", true, false, SubtitleOrigin.Uploaded), new("s1", null, null, false, true, SubtitleOrigin.Embedded)],
                Chapters = [new(0, 8.5, "Ünï"), new(8.5, 12.345678901, null)],
                NextSubtitle = 5,
            },
        };
        await Catalog.AddAsync(asset, default);

        var found = (await Catalog.FindAsync(asset.Id, default)).ShouldNotBeNull();

        found.Tracks.ShouldBe(asset.Tracks);
        found.Renditions.ShouldBe(asset.Renditions);
        found.AdminKeyHash.ShouldBe(asset.AdminKeyHash);
        found.Extras.Subtitles.ShouldBe(asset.Extras.Subtitles);
        found.Extras.Chapters.ShouldBe(asset.Extras.Chapters);
        (found.Extras with { Subtitles = asset.Extras.Subtitles, Chapters = asset.Extras.Chapters }).ShouldBe(asset.Extras);
        (found with { Extras = asset.Extras, Tracks = asset.Tracks, Renditions = asset.Renditions, AdminKeyHash = asset.AdminKeyHash }).ShouldBe(asset);
    }

    [Fact]
    public async Task Assets_are_found_by_their_content_the_oldest_first()
    {
        var hash = new string('a', 64);
        var (young, old) = (Sample(Noon.AddMinutes(1)) with { Sha256 = hash, SizeBytes = 5 }, Sample(Noon) with { Sha256 = hash, SizeBytes = 5 });
        foreach (var asset in (Asset[])[young, old, Sample(Noon) with { Sha256 = hash, SizeBytes = 6 }, Sample(Noon)])
        {
            await Catalog.AddAsync(asset, default);
        }

        (await Catalog.FindByContentAsync(hash, 5, 10, default)).ShouldBe([old.Id, young.Id]);
        (await Catalog.FindByContentAsync(hash, 5, 1, default)).ShouldBe([old.Id]);
        (await Catalog.FindByContentAsync(new string('c', 64), 5, 10, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_has_an_owner_is_found_and_in_no_list_of_the_library()
    {
        var (kept, owned) = (Sample(Noon), Sample(Noon.AddMinutes(1)) with { Owner = "session" });
        await Catalog.AddAsync(kept, default);
        await Catalog.AddAsync(owned, default);

        (await Catalog.FindAsync(owned.Id, default))!.Owner.ShouldBe("session");
        (await Catalog.FindAsync(kept.Id, default))!.Owner.ShouldBeNull();
        (await Catalog.ListAsync(null, 10, default)).Select(a => a.Id).ShouldBe([kept.Id]);
        (await Catalog.ListAsync(owned.Id, 10, default)).Select(a => a.Id).ShouldBe([kept.Id]);
        (await Catalog.OwnedAsync(default)).ShouldBe([owned.Id]);

        await Catalog.UpdateAsync(owned.Id, old => old with { Owner = null }, default);
        (await Catalog.OwnedAsync(default)).ShouldBeEmpty();
        (await Catalog.ListAsync(null, 10, default)).Select(a => a.Id).ShouldBe([owned.Id, kept.Id]);
    }

    [Theory]
    [InlineData("ready")]
    [InlineData("processing")]
    [InlineData("needs-transcode")]
    [InlineData("failed")]
    public async Task Every_state_comes_back(string word)
    {
        var asset = Sample(Noon) with { State = StateNames.Parse<AssetState>(word, StateNames.Name) };
        await Catalog.AddAsync(asset, default);
        (await Catalog.FindAsync(asset.Id, default))!.State.ShouldBe(asset.State);
    }

    [Fact]
    public async Task Renditions_that_were_not_set_follow_the_tracks()
    {
        var asset = Sample(Noon) with { State = AssetState.Processing };
        await Catalog.AddAsync(asset, default);
        (await Catalog.FindAsync(asset.Id, default))!.Renditions.ShouldBeEmpty();

        TrackVerdict[] tracks = [new("a0", "audio", "aac LC", "copy", "plays", "mp4a.40.2", null, null), new(null, "other", "?", "drop", "data", null, null, null)];
        await Catalog.UpdateAsync(asset.Id, old => old with { Tracks = tracks }, default);

        (await Catalog.FindAsync(asset.Id, default))!.Renditions
            .ShouldBe([new Rendition("a0", "audio", IsEncoded: false, IsListed: true, "aac LC")]);
    }

    [Fact]
    public async Task What_is_null_stays_null()
    {
        var asset = Sample(Noon);
        await Catalog.AddAsync(asset, default);

        var found = (await Catalog.FindAsync(asset.Id, default)).ShouldNotBeNull();

        (found.Reason, found.ExpiresAt, found.ExpiryMinutes, found.TokensRefreshedAt)
            .ShouldBe((null, null, null, null));
    }

    [Fact]
    public async Task An_unknown_id_is_null() => (await Catalog.FindAsync(AssetId.New(), default)).ShouldBeNull();

    [Fact]
    public async Task The_same_id_cannot_be_added_twice()
    {
        var asset = Sample(Noon);
        await Catalog.AddAsync(asset, default);

        await Should.ThrowAsync<DbException>(() => Catalog.AddAsync(asset with { Title = "another" }, default));

        (await Catalog.FindAsync(asset.Id, default))!.Title.ShouldBe(asset.Title);
    }

    [Fact]
    public async Task Pages_walk_all_assets_newest_first()
    {
        // Two share an instant, so that the order needs its tie-breaker.
        var assets = new[] { 0, 1, 1, 2, 3 }.Select(minute => Sample(Noon.AddMinutes(minute))).ToArray();
        foreach (var asset in assets)
        {
            await Catalog.AddAsync(asset, default);
        }

        var walked = new List<Asset>();
        AssetId? after = null;
        while (await Catalog.ListAsync(after, 2, default) is { Count: > 0 } page)
        {
            page.Count.ShouldBeLessThanOrEqualTo(2);
            walked.AddRange(page);
            after = page[^1].Id;
        }

        walked.Select(a => a.Id).ShouldBe(assets.Select(a => a.Id), ignoreOrder: true);
        walked.Select(a => a.CreatedAt).ShouldBeInOrder(SortDirection.Descending);
    }

    [Fact]
    public async Task An_update_is_kept_and_answered()
    {
        var asset = Sample(Noon);
        await Catalog.AddAsync(asset, default);

        var updated = await Catalog.UpdateAsync(asset.Id, old => old with { Title = "new", ExpiresAt = Noon }, default);

        updated.ShouldNotBeNull().Title.ShouldBe("new");
        var found = await Catalog.FindAsync(asset.Id, default);
        (found!.Title, found.ExpiresAt).ShouldBe(("new", Noon));
    }

    [Fact]
    public async Task Updating_nothing_is_null() =>
        (await Catalog.UpdateAsync(AssetId.New(), old => old, default)).ShouldBeNull();

    [Fact]
    public async Task Updates_at_once_are_not_lost()
    {
        var asset = Sample(Noon);
        await Catalog.AddAsync(asset, default);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() =>
            Catalog.UpdateAsync(asset.Id, old => old with { Epoch = old.Epoch + 1 }, default))));

        (await Catalog.FindAsync(asset.Id, default))!.Epoch.ShouldBe(20);
    }

    [Fact]
    public async Task A_change_that_throws_changes_nothing()
    {
        var asset = Sample(Noon);
        await Catalog.AddAsync(asset, default);

        await Should.ThrowAsync<InvalidOperationException>(() =>
            Catalog.UpdateAsync(asset.Id, _ => throw new InvalidOperationException(), default));

        (await Catalog.FindAsync(asset.Id, default))!.Title.ShouldBe(asset.Title);
    }

    [Fact]
    public async Task Removing_says_whether_there_was_one()
    {
        var asset = Sample(Noon);
        await Catalog.AddAsync(asset, default);

        (await Catalog.RemoveAsync(asset.Id, default)).ShouldBeTrue();
        (await Catalog.RemoveAsync(asset.Id, default)).ShouldBeFalse();
        (await Catalog.FindAsync(asset.Id, default)).ShouldBeNull();
    }

    [Fact]
    public async Task Expired_means_at_or_before_the_instant()
    {
        var before = Sample(Noon) with { ExpiresAt = Noon.AddMicroseconds(-1) };
        var at = Sample(Noon) with { ExpiresAt = Noon };
        var after = Sample(Noon) with { ExpiresAt = Noon.AddMicroseconds(1) };
        foreach (var asset in (Asset[])[before, at, after, Sample(Noon)])
        {
            await Catalog.AddAsync(asset, default);
        }

        (await Catalog.ExpiredAsync(Noon, 10, default)).ShouldBe([before.Id, at.Id]);
        (await Catalog.ExpiredAsync(Noon, 1, default)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Settings_are_kept_and_replaced()
    {
        (await Catalog.GetSettingAsync("key", default)).ShouldBeNull();
        await Catalog.SetSettingAsync("key", "one", default);
        await Catalog.SetSettingAsync("key", "two", default);
        (await Catalog.GetSettingAsync("key", default)).ShouldBe("two");
    }

    [Fact]
    public async Task Settings_are_listed_by_what_their_keys_begin_with_and_removed()
    {
        foreach (var key in (string[])["of-c", "of:b", "of:a", "of;", "other"])
        {
            await Catalog.SetSettingAsync(key, key.ToUpperInvariant(), default);
        }

        (await Catalog.ListSettingsAsync("of:", default)).ShouldBe([KeyValuePair.Create("of:a", "OF:A"), KeyValuePair.Create("of:b", "OF:B")]);
        await Catalog.RemoveSettingAsync("of:a", default);
        await Catalog.RemoveSettingAsync("of:a", default);
        (await Catalog.ListSettingsAsync("of:", default)).Select(s => s.Key).ShouldBe(["of:b"]);
        (await Catalog.GetSettingAsync("of;", default)).ShouldBe("OF;");
    }

    [Fact]
    public async Task Migrating_again_keeps_everything()
    {
        var asset = Sample(Noon);
        await Catalog.AddAsync(asset, default);

        await Catalog.MigrateAsync(default);

        (await Catalog.FindAsync(asset.Id, default)).ShouldNotBeNull();
    }

    internal static Asset Sample(DateTimeOffset created) => new()
    {
        Id = AssetId.New(),
        Title = "Clip",
        FileName = "clip.mp4",
        State = AssetState.Ready,
        SizeBytes = 1000,
        CreatedAt = created,
        UpdatedAt = created,
        AdminKeyHash = [1, 2, 3],
    };
}
