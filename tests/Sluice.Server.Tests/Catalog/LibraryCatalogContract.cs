using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Ingest;
using Xunit;

namespace Sluice.Server.Tests.Catalog;

/// <summary>The library searched, filtered, in every order, page by page.</summary>
public abstract class LibraryCatalogContract(CatalogHome home) : OverCatalog(home)
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await AddAsync("Episode 10", 0, "ten.mkv", AssetState.Ready, 50, 9);
        await AddAsync("Episode 2", 1, "two.mp4", AssetState.Processing, 60, 7);
        await AddAsync("episode 1", 2, "Eins.mp4", AssetState.Ready, 70, 8);
        await AddAsync("Übung", 3, "üben_100%.mp4", AssetState.Failed, 40, 6);
        await AddAsync("Hidden episode", 4, "x.mp4", AssetState.Ready, 999, 999, owner: "session:1");
    }

    [Theory]
    [InlineData("Newest", "Übung|episode 1|Episode 2|Episode 10")]
    [InlineData("Oldest", "Episode 10|Episode 2|episode 1|Übung")]
    [InlineData("Title", "episode 1|Episode 2|Episode 10|Übung")]
    [InlineData("Longest", "episode 1|Episode 2|Episode 10|Übung")]
    [InlineData("Largest", "Episode 10|episode 1|Episode 2|Übung")]
    public async Task Every_order_is_the_same_on_pages_of_any_size(string order, string expected)
    {
        var query = LibraryQuery.All with { Order = Enum.Parse<LibraryOrder>(order) };
        foreach (var size in (int[])[1, 2, 3, 10])
        {
            var titles = new List<string>();
            AssetId? after = null;
            IReadOnlyList<Asset> page;
            do
            {
                page = await Catalog.ListAsync(query, after, size, default);
                titles.AddRange(page.Select(asset => asset.Title));
                after = page.Count > 0 ? page[^1].Id : after;
            }
            while (page.Count == size);

            string.Join('|', titles).ShouldBe(expected, $"pages of {size}");
        }
    }

    [Theory]
    [InlineData("EPISODE", 3)]
    [InlineData("episode 1", 2)]
    [InlineData("eins", 1)]
    [InlineData("ÜBUNG", 1)]
    [InlineData("100%", 1)]
    [InlineData("%", 1)]
    [InlineData("_", 1)]
    [InlineData("hidden", 0)]
    [InlineData("' OR 1=1 --", 0)]
    [InlineData("", 4)]
    public async Task A_search_finds_each_word_in_title_or_file_name(string search, int found)
    {
        var query = LibraryQuery.All with { Words = LibraryKey.WordsOf(search) };
        (await Catalog.ListAsync(query, null, 10, default)).Count.ShouldBe(found);
        (await Catalog.CountAsync(query, default)).ShouldBe(found);
    }

    [Fact]
    public async Task A_search_for_what_is_no_text_finds_nothing()
    {
        foreach (var word in (string[])["\0", "episode\0", "\ud83c"])
        {
            (await Catalog.CountAsync(LibraryQuery.All with { Words = [word] }, default)).ShouldBe(0);
        }
    }

    [Fact]
    public async Task States_filter_and_go_with_a_search()
    {
        var ready = LibraryQuery.All with { States = [AssetState.Ready] };
        (await Catalog.CountAsync(ready, default)).ShouldBe(2);
        (await Catalog.CountAsync(ready with { Words = ["10"] }, default)).ShouldBe(1);
        (await Catalog.CountAsync(LibraryQuery.All with { States = [AssetState.Failed, AssetState.Processing] }, default)).ShouldBe(2);
    }

    [Fact]
    public async Task A_new_title_is_found_by_its_new_words_alone()
    {
        var asset = (await Catalog.ListAsync(LibraryQuery.All with { Words = ["eins"] }, null, 1, default)).ShouldHaveSingleItem();
        await Catalog.UpdateAsync(asset.Id, old => old with { Title = "Zulu" }, default);
        (await Catalog.CountAsync(LibraryQuery.All with { Words = ["zulu"] }, default)).ShouldBe(1);
        (await Catalog.CountAsync(LibraryQuery.All with { Words = ["episode", "1"] }, default)).ShouldBe(1, "Episode 10 alone");
        (await Catalog.ListAsync(LibraryQuery.All with { Order = LibraryOrder.Title }, null, 10, default))[^2].Title.ShouldBe("Zulu");
    }

    [Fact]
    public async Task The_longest_names_there_are_find_room_in_every_index()
    {
        var random = new Random(1);
        string Name(int length) => string.Concat(Enumerable.Range(0, length).Select(n => n % 2 == 0 ? (char)('0' + random.Next(10)) : (char)random.Next(0x4e00, 0x9fff)));
        var (title, file) = (Name(UploadFields.LongestTitle), Name(255));
        await AddAsync(title, 5, file, AssetState.Ready, 1, 1);
        (await Catalog.ListAsync(LibraryQuery.All with { Words = [title, file] }, null, 10, default)).ShouldHaveSingleItem().Title.ShouldBe(title);
        (await Catalog.SourceBytesAsync(default)).ShouldBe(31, "of the library alone");
    }

    [Fact]
    public async Task Counts_are_those_of_the_rows_however_they_came_about()
    {
        var random = new Random(7);
        var states = Enum.GetValues<AssetState>();
        var ids = new List<AssetId>();
        for (var n = 0; n < 120; n++)
        {
            var (state, owner) = (states[random.Next(states.Length)], random.Next(4) == 0 ? "session:2" : null);
            Asset Change(Asset old) => old with { State = state, Owner = owner, SizeBytes = random.Next(1000), Epoch = old.Epoch + 1 };
            var known = ids.Count == 0 ? AssetId.New() : ids[random.Next(ids.Count)];
            switch (random.Next(5))
            {
                case 0:
                    await Catalog.UpdateAsync(known, Change, default);
                    break;
                case 1:
                    await Catalog.UpdateAsync(known, old => old with { Epoch = old.Epoch + 1 }, default);
                    break;
                case 2:
                    await Catalog.PublishAsync(known, old => Change(old ?? CatalogContract.Sample(Noon)), [], default);
                    break;
                case 3:
                    await Catalog.RemoveAsync(known, default);
                    break;
                default:
                    var asset = Change(CatalogContract.Sample(Noon));
                    await Catalog.AddAsync(asset, [], default);
                    ids.Add(asset.Id);
                    break;
            }
        }

        var rows = await Catalog.ListAsync(LibraryQuery.All, null, 1000, default);
        rows.Count.ShouldBeGreaterThan(10);
        (await Catalog.CountAsync(LibraryQuery.All, default)).ShouldBe(rows.Count);
        (await Catalog.SourceBytesAsync(default)).ShouldBe(rows.Sum(asset => asset.SizeBytes));
        foreach (var state in states)
        {
            (await Catalog.CountAsync(LibraryQuery.All with { States = [state] }, default)).ShouldBe(rows.Count(asset => asset.State == state), $"{state}");
        }
    }

    private Task AddAsync(string title, int minute, string file, AssetState state, double seconds, long bytes, string? owner = null) => Catalog.AddAsync(
        new Asset
        {
            Id = AssetId.New(), Title = title, FileName = file, State = state, SizeBytes = bytes, DurationSeconds = seconds, Owner = owner,
            CreatedAt = Noon.AddMinutes(minute), UpdatedAt = Noon, AdminKeyHash = [1],
        }, default);
}
