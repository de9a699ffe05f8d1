using System.Text;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Store;
using Xunit;

namespace Sluice.Server.Tests.Store;

/// <summary>The contract of every store, and that a source that lies elsewhere is read from there.</summary>
public sealed class RemoteObjectStoreTests : ObjectStoreContract, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-test-").FullName;
    private readonly RemoteSources _sources = new();

    public RemoteObjectStoreTests() => Store = new RemoteObjectStore(new LocalObjectStore(_folder, 0), _sources);

    private protected override IObjectStore Store { get; }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Only_the_source_of_that_asset_lies_elsewhere_and_only_for_as_long_as_it_does()
    {
        var (here, there) = (AssetId.New(), AssetId.New());
        var far = new Far();
        _sources.Add(there, far);

        using (var reader = (await Store.OpenAsync(ObjectKey.Source(there), default)).ShouldNotBeNull())
        {
            var bytes = new byte[3];
            (await reader.ReadAsync(0, bytes, default), reader.Length, Encoding.ASCII.GetString(bytes)).ShouldBe((3, 3, "far"));
        }

        far.IsDisposed.ShouldBeFalse("it is its owner's");
        (await Store.OpenAsync(ObjectKey.Index(there, "v0"), default)).ShouldBeNull();
        (await Store.OpenAsync(ObjectKey.Source(here), default)).ShouldBeNull();
        Store.LocalPathOf(ObjectKey.Source(there)).ShouldBeNull("no program reads what is not on this disk");
        _sources.Remove(there);
        (await Store.OpenAsync(ObjectKey.Source(there), default)).ShouldBeNull();
    }

    [Fact]
    public async Task Chunks_of_an_asset_may_have_a_place_of_their_own()
    {
        var asset = AssetId.New();
        var apart = new LocalObjectStore(Path.Combine(_folder, "apart"), 0);
        foreach (var store in (IObjectStore[])[Store, apart])
        {
            await using var made = store.Stage(asset);
            await made.CommitAsync(default);
        }

        _sources.Add(asset, new Far(), apart);
        await using var stage = Store.Stage(asset);
        foreach (var key in (ObjectKey[])[ObjectKey.Chunk(asset, "v0", 1, 7), ObjectKey.Index(asset, "v0")])
        {
            await File.WriteAllTextAsync(stage.PathOf(key.Name), "it");
            await Store.PutAsync(key, stage.PathOf(key.Name), default);
            Store.LocalPathOf(key).ShouldNotBeNull().Contains("apart", StringComparison.Ordinal).ShouldBe(key.IsChunk);
        }

        await Store.RemoveChunksAsync(asset, "v0", default);
        apart.LocalPathOf(ObjectKey.Chunk(asset, "v0", 1, 7)).ShouldBeNull();
    }

    private sealed class Far : IObjectReader
    {
        public bool IsDisposed { get; private set; }

        public long Length => 3;

        public ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken ct)
        {
            "far"u8.CopyTo(destination.Span);
            return new ValueTask<int>(3);
        }

        public void Dispose() => IsDisposed = true;
    }
}
