using System.Text;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Store;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Store.S3;

/// <summary>Media of a data folder, moved to a real S3 server.</summary>
[Collection(nameof(Swift))]
public sealed class StoreMoveTests(Swift swift) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-test-").FullName;
    private readonly S3Options _options = swift.Options();

    private string Media => Path.Combine(_folder, "media");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Titles_arrive_whole_leavings_stay_behind_and_another_try_adds_what_is_missing()
    {
        var titles = new[] { await AddAsync("one"), await AddAsync("two"), await AddAsync("three") };
        var leaving = await AddAsync("left", isConfirmed: false);
        var told = new List<(int, int)>();
        using (var target = Swift.Store(_options, _folder))
        {
            (await Move(target).RunAsync((done, all) => told.Add((done, all)), default)).ShouldBe((3, Sizes(titles)));
        }

        told.ShouldBe([(1, 3), (2, 3), (3, 3)]);
        using var again = Swift.Store(_options, _folder);
        await ShouldHaveAsync(again, titles);
        (await again.OpenAsync(ObjectKey.Source(leaving), default)).ShouldBeNull();
        (await again.IsUnconfirmedAsync(titles[0], default)).ShouldBeFalse();
        StagesAreEmpty();

        // A server ran here since, and the bucket lost something.
        await File.WriteAllTextAsync(Path.Combine(Media, titles[0].Value, "poster.jpg"), "a picture");
        await again.RemoveAsync(ObjectKey.Chunk(titles[1], "v1", 1, 7), default);
        using var later = Swift.Store(_options, _folder);
        await Move(later).RunAsync((_, _) => { }, default);
        await ShouldHaveAsync(later, titles);
        StagesAreEmpty();
    }

    [Fact]
    public async Task Cut_short_it_goes_on_and_titles_of_others_are_seen()
    {
        var titles = await Task.WhenAll(Enumerable.Range(0, 12).Select(n => AddAsync($"title {n}")));
        using (var first = Swift.Store(_options, _folder))
        using (var cut = new CancellationTokenSource())
        {
            await Should.ThrowAsync<OperationCanceledException>(() => Move(first).RunAsync((_, _) => cut.Cancel(), cut.Token));
        }

        using (var second = Swift.Store(_options, _folder))
        {
            (await Move(second).CountForeignAsync(default)).ShouldBe(0);
            (await Move(second).RunAsync((_, _) => { }, default)).Titles.ShouldBe(12);
        }

        using var again = Swift.Store(_options, _folder);
        await ShouldHaveAsync(again, titles);
        Directory.Delete(Path.Combine(Media, titles[0].Value), recursive: true);
        (await Move(again).CountForeignAsync(default)).ShouldBe(1);
    }

    private StoreMove Move(IObjectStore target) => new(Media, new LocalObjectStore(_folder, 0), target);

    private async Task<AssetId> AddAsync(string text, bool isConfirmed = true)
    {
        var (store, id) = (new LocalObjectStore(_folder, 0), AssetId.New());
        await using var stage = store.Stage(id);
        await File.WriteAllTextAsync(stage.PathOf("source"), text);
        await File.WriteAllTextAsync(stage.PathOf("v0.idx"), text + " index");
        await File.WriteAllTextAsync(stage.PathOf(ObjectKey.Chunk(id, "v1", 1, 7).Name), text + " chunk");
        await stage.CommitAsync(default);
        if (isConfirmed)
        {
            await store.ConfirmAsync(id, default);
        }

        return id;
    }

    private long Sizes(AssetId[] titles) => titles.Sum(id => Files(id).Sum(file => file.Length));

    private FileInfo[] Files(AssetId id) => new DirectoryInfo(Path.Combine(Media, id.Value)).GetFiles();

    private void StagesAreEmpty() => Directory.GetDirectories(Path.Combine(_folder, "stage")).Where(path => !path.Contains("cache-", StringComparison.Ordinal)).ShouldBeEmpty();

    private async Task ShouldHaveAsync(IObjectStore store, AssetId[] titles)
    {
        foreach (var file in titles.SelectMany(Files))
        {
            using var there = await store.OpenAsync(new ObjectKey(AssetId.Parse(file.Directory!.Name, null), file.Name), default);
            var bytes = new byte[there.ShouldNotBeNull(file.FullName).Length];
            for (var at = 0; at < bytes.Length;)
            {
                at += await there!.ReadAsync(at, bytes.AsMemory(at), default);
            }

            Encoding.UTF8.GetString(bytes).ShouldBe(await File.ReadAllTextAsync(file.FullName));
        }
    }
}
