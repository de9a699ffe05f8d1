using System.Text;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Store;
using Xunit;

namespace Sluice.Server.Tests.Store;

/// <summary>What every object store does; each implementation runs this suite.</summary>
public abstract class ObjectStoreContract
{
    private protected abstract IObjectStore Store { get; }

    [Fact]
    public async Task A_stage_is_invisible_until_it_is_committed()
    {
        var id = AssetId.New();
        await using var stage = Store.Stage(id);
        await WriteAsync(stage, "source", "hello");
        (await Store.OpenAsync(ObjectKey.Source(id), default)).ShouldBeNull();
        (await ListAsync()).ShouldBeEmpty();

        await stage.CommitAsync(default);

        (await ReadAsync(ObjectKey.Source(id))).ShouldBe("hello");
        (await ListAsync()).ShouldBe([id]);
    }

    [Fact]
    public async Task A_stage_that_is_given_up_leaves_nothing()
    {
        var id = AssetId.New();
        string path;
        await using (var stage = Store.Stage(id))
        {
            await WriteAsync(stage, "source", "hello");
            path = stage.PathOf("source");
        }

        File.Exists(path).ShouldBeFalse();
        (await Store.OpenAsync(ObjectKey.Source(id), default)).ShouldBeNull();
    }

    [Fact]
    public async Task Reads_are_by_range_and_end_with_zero()
    {
        var id = await CommitAsync("0123456789");
        using var reader = (await Store.OpenAsync(ObjectKey.Source(id), default)).ShouldNotBeNull();
        var buffer = new byte[4];

        reader.Length.ShouldBe(10);
        (await reader.ReadAsync(3, buffer, default)).ShouldBe(4);
        Encoding.ASCII.GetString(buffer).ShouldBe("3456");
        (await reader.ReadAsync(8, buffer, default)).ShouldBe(2);
        (await reader.ReadAsync(10, buffer, default)).ShouldBe(0);
    }

    [Fact]
    public async Task An_object_that_is_not_there_is_null()
    {
        var id = await CommitAsync("x");
        (await Store.OpenAsync(ObjectKey.Index(id, "v0"), default)).ShouldBeNull();
        (await Store.OpenAsync(ObjectKey.Source(AssetId.New()), default)).ShouldBeNull();
    }

    [Fact]
    public async Task Put_adds_and_replaces_and_moves_the_file_away()
    {
        var id = await CommitAsync("x");
        foreach (var text in (string[])["one", "two"])
        {
            var local = Path.GetTempFileName();
            await File.WriteAllTextAsync(local, text);
            await Store.PutAsync(ObjectKey.Index(id, "v0"), local, default);
            File.Exists(local).ShouldBeFalse();
            (await ReadAsync(ObjectKey.Index(id, "v0"))).ShouldBe(text);
        }
    }

    [Fact]
    public async Task All_chunks_of_one_rendition_go_and_nothing_else()
    {
        var id = await CommitAsync("x");
        ObjectKey[] chunks = [ObjectKey.Chunk(id, "v1", 1, 3), ObjectKey.Chunk(id, "v1", 1, 4), ObjectKey.Chunk(id, "v1", 20, 4)];
        ObjectKey[] others = [ObjectKey.Chunk(id, "v0", 1, 3), ObjectKey.Chunk(id, "v10", 1, 3), ObjectKey.Index(id, "v1"), ObjectKey.Gathered(id, "v1"), ObjectKey.Source(id)];
        foreach (var key in chunks.Concat(others))
        {
            var local = Path.GetTempFileName();
            await Store.PutAsync(key, local, default);
        }

        await Store.RemoveChunksAsync(id, "v1", default);
        await Store.RemoveChunksAsync(AssetId.New(), "v1", default);

        foreach (var key in chunks.Concat(others))
        {
            using var reader = await Store.OpenAsync(key, default);
            (reader is not null).ShouldBe(others.Contains(key), key.Name);
        }
    }

    [Fact]
    public async Task A_reader_outlives_the_removal_of_its_asset()
    {
        var id = await CommitAsync("still here");
        using var reader = (await Store.OpenAsync(ObjectKey.Source(id), default)).ShouldNotBeNull();

        await Store.DeleteAsync(id, default);

        var buffer = new byte[10];
        (await reader.ReadAsync(0, buffer, default)).ShouldBe(10);
        (await Store.OpenAsync(ObjectKey.Source(id), default)).ShouldBeNull();
        (await ListAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Removing_what_is_not_there_does_nothing() => await Store.DeleteAsync(AssetId.New(), default);

    [Fact]
    public async Task Clearing_stages_leaves_what_is_committed()
    {
        var id = await CommitAsync("x");
        var stage = Store.Stage(AssetId.New());
        await WriteAsync(stage, "source", "half");
        var path = stage.PathOf("source");

        Store.ClearStages();

        File.Exists(path).ShouldBeFalse();
        (await ReadAsync(ObjectKey.Source(id))).ShouldBe("x");
        await stage.DisposeAsync();
    }

    [Fact]
    public async Task Committed_objects_are_unconfirmed_until_they_are_confirmed()
    {
        var id = await CommitAsync("x");
        (await Store.IsUnconfirmedAsync(id, default)).ShouldBeTrue();
        await Store.ConfirmAsync(id, default);
        (await Store.IsUnconfirmedAsync(id, default)).ShouldBeFalse();
        await Store.UnconfirmAsync(id, default);
        (await Store.IsUnconfirmedAsync(id, default)).ShouldBeTrue();

        var unknown = AssetId.New();
        await Store.ConfirmAsync(unknown, default);
        await Store.UnconfirmAsync(unknown, default);
        (await Store.IsUnconfirmedAsync(unknown, default)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_staged_file_that_shares_an_objects_place_outlives_it()
    {
        var (first, second) = (await CommitAsync("the same"), AssetId.New());
        await using var stage = Store.Stage(second);
        await WriteAsync(stage, "source", "the same");
        var shared = await Store.TryShareAsync(ObjectKey.Source(first), stage.PathOf("source"), default);
        await stage.CommitAsync(default);
        await Store.DeleteAsync(first, default);

        (await ReadAsync(ObjectKey.Source(second))).ShouldBe("the same", $"shared: {shared}");
        (await Store.OpenAsync(ObjectKey.Source(first), default)).ShouldBeNull();
    }

    [Fact]
    public async Task Nothing_is_shared_with_what_is_not_there_or_has_another_length()
    {
        var (first, second) = (await CommitAsync("some bytes"), AssetId.New());
        await using var stage = Store.Stage(second);
        await WriteAsync(stage, "source", "others");
        (await Store.TryShareAsync(ObjectKey.Source(AssetId.New()), stage.PathOf("source"), default)).ShouldBeFalse();
        (await Store.TryShareAsync(ObjectKey.Source(first), stage.PathOf("source"), default)).ShouldBeFalse();
        (await File.ReadAllTextAsync(stage.PathOf("source"), TestContext.Current.CancellationToken)).ShouldBe("others");
    }

    [Fact]
    public void There_is_room() => Store.FreeBytes.ShouldBeGreaterThan(0);

    private protected async Task<AssetId> CommitAsync(string text)
    {
        var id = AssetId.New();
        await using var stage = Store.Stage(id);
        await WriteAsync(stage, "source", text);
        await stage.CommitAsync(default);
        return id;
    }

    private static Task WriteAsync(IObjectStage stage, string name, string text) =>
        File.WriteAllTextAsync(stage.PathOf(name), text);

    private async Task<string> ReadAsync(ObjectKey key)
    {
        using var reader = (await Store.OpenAsync(key, default)).ShouldNotBeNull();
        var buffer = new byte[reader.Length];
        (await reader.ReadAsync(0, buffer, default)).ShouldBe(buffer.Length);
        return Encoding.UTF8.GetString(buffer);
    }

    private async Task<List<AssetId>> ListAsync()
    {
        var found = new List<AssetId>();
        await foreach (var id in Store.ListAsync(default))
        {
            found.Add(id);
        }

        return found;
    }
}
