using Shouldly;
using Sluice.Server.Catalog;
using Xunit;

namespace Sluice.Server.Tests.Catalog;

/// <summary>The library searched, filtered, in every order, page by page.</summary>
public sealed class LibraryCatalogTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly string _file = Path.Combine(Directory.CreateTempSubdirectory("sluice-library-").FullName, "catalog.db");

    private ICatalog _catalog = null!;

    public async ValueTask InitializeAsync()
    {
        _catalog = new SqliteCatalog(_file);
        await _catalog.MigrateAsync(default);
        await AddAsync("Episode 10", 0, "ten.mkv", AssetState.Ready, 50, 9);
        await AddAsync("Episode 2", 1, "two.mp4", AssetState.Processing, 60, 7);
        await AddAsync("episode 1", 2, "Eins.mp4", AssetState.Ready, 70, 8);
        await AddAsync("Übung", 3, "üben_100%.mp4", AssetState.Failed, 40, 6);
        await AddAsync("Hidden episode", 4, "x.mp4", AssetState.Ready, 999, 999, owner: "session:1");
    }

    public ValueTask DisposeAsync()
    {
        (_catalog as IDisposable)?.Dispose();
        Directory.Delete(Path.GetDirectoryName(_file)!, recursive: true);
        return ValueTask.CompletedTask;
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
                page = await _catalog.ListAsync(query, after, size, default);
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
        (await _catalog.ListAsync(query, null, 10, default)).Count.ShouldBe(found);
        (await _catalog.CountAsync(query, default)).ShouldBe(found);
    }

    [Fact]
    public async Task States_filter_and_go_with_a_search()
    {
        var ready = LibraryQuery.All with { States = [AssetState.Ready] };
        (await _catalog.CountAsync(ready, default)).ShouldBe(2);
        (await _catalog.CountAsync(ready with { Words = ["10"] }, default)).ShouldBe(1);
        (await _catalog.CountAsync(LibraryQuery.All with { States = [AssetState.Failed, AssetState.Processing] }, default)).ShouldBe(2);
    }

    [Fact]
    public async Task A_new_title_is_found_by_its_new_words_alone()
    {
        var asset = (await _catalog.ListAsync(LibraryQuery.All with { Words = ["eins"] }, null, 1, default)).ShouldHaveSingleItem();
        await _catalog.UpdateAsync(asset.Id, old => old with { Title = "Zulu" }, default);
        (await _catalog.CountAsync(LibraryQuery.All with { Words = ["zulu"] }, default)).ShouldBe(1);
        (await _catalog.CountAsync(LibraryQuery.All with { Words = ["episode", "1"] }, default)).ShouldBe(1, "Episode 10 alone");
        (await _catalog.ListAsync(LibraryQuery.All with { Order = LibraryOrder.Title }, null, 10, default))[^2].Title.ShouldBe("Zulu");
    }

    private Task AddAsync(string title, int minute, string file, AssetState state, double seconds, long bytes, string? owner = null) => _catalog.AddAsync(
        new Asset
        {
            Id = AssetId.New(), Title = title, FileName = file, State = state, SizeBytes = bytes, DurationSeconds = seconds, Owner = owner,
            CreatedAt = Noon.AddMinutes(minute), UpdatedAt = Noon, AdminKeyHash = [1],
        }, default);
}
