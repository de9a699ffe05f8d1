using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Sluice.Server.Catalog;
using Sluice.Server.Outbound.Remote;

namespace Sluice.Server.Store.S3;

/// <summary>
/// Objects in a bucket (<see cref="S3Layout"/>), made in <c>stage/</c> on local disk and read through a cache there.
/// <code>
///   commit   pending ─▶ objects, several at a time ─▶ committed        visible by one request; confirmed when pending goes
///   remove   pending ─▶ committed goes ─▶ objects go ─▶ pending goes   invisible by one request; what is read goes when it was read
/// </code>
/// A process that dies in between leaves a pending asset, which the next start finds and removes. One server has a bucket and prefix to itself, or several
/// share them, and the catalog with it: then each has markers of its own, and what the catalog tells of is looked up again (<see cref="Doubt"/>).
/// </summary>
internal sealed class S3ObjectStore : IObjectStore, IDisposable
{
    /// <summary>Objects that are put or removed at the same time for one asset.</summary>
    private const int MostAtATime = 8;

    private readonly S3Bucket _bucket;
    private readonly S3Layout _layout;
    private readonly S3Pending _pending;
    private readonly S3Upload _upload;
    private readonly S3Objects _objects;
    private readonly StageFolders _stages;
    private readonly S3Assets _assets;
    private readonly S3Removal _removal;

    /// <param name="bucket">The bucket; owned.</param>
    /// <param name="layout">Names in it.</param>
    /// <param name="stages">Folders on local disk.</param>
    /// <param name="objects">The local cache; owned.</param>
    /// <param name="partBytes">Size of the parts of large objects.</param>
    /// <param name="clock">The time.</param>
    /// <param name="logger">Told what could not be removed.</param>
    /// <param name="isShared">Other servers have the same bucket and prefix.</param>
    public S3ObjectStore(
        S3Bucket bucket, S3Layout layout, StageFolders stages, S3Objects objects, long partBytes, TimeProvider clock, ILogger<S3ObjectStore> logger,
        bool isShared = false)
    {
        (_bucket, _layout, _stages, _objects) = (bucket, layout, stages, objects);
        _assets = new S3Assets(bucket, layout, objects, clock, isShared);
        _pending = new S3Pending(bucket, layout, clock);
        _removal = new S3Removal(bucket, layout, _pending, logger);
        _upload = new S3Upload(bucket, partBytes);
    }

    /// <inheritdoc />
    public long FreeBytes => _stages.FreeBytes;

    /// <inheritdoc />
    public bool IsElsewhere => true;

    /// <inheritdoc />
    public IObjectStage Stage(AssetId asset) => new S3Stage(_stages.New(asset), (folder, isLeft, ct) => CommitAsync(asset, folder, isLeft, ct));

    /// <inheritdoc />
    public void Doubt(AssetId asset, int? revision) => _assets.Doubt(asset, revision);

    /// <inheritdoc />
    public async ValueTask<IObjectReader?> OpenAsync(ObjectKey key, CancellationToken ct)
    {
        _ = _layout.NameOf(key);
        return await _assets.OpenAsync(key, ct);
    }

    /// <inheritdoc />
    public async ValueTask PutAsync(ObjectKey key, string localPath, CancellationToken ct)
    {
        var asset = _assets.Of(key.Asset);
        if (!await asset.IsCommittedAsync(ct))
        {
            throw new DirectoryNotFoundException($"There is no asset {key.Asset} in the object storage.");
        }

        using var turn = await asset.Writing.TakeAsync(key.Name, ct);
        var sent = await _upload.SendAsync(_layout.NameOf(key), localPath, ct);
        File.Delete(localPath);
        if (!asset.TryAdd(key.Name, _objects.New(sent)))
        {
            await _bucket.RemoveAsync(sent.Name, CancellationToken.None);
            throw new DirectoryNotFoundException($"The asset {key.Asset} was removed meanwhile.");
        }
    }

    /// <inheritdoc />
    public ValueTask<bool> TryShareAsync(ObjectKey key, string stagedPath, CancellationToken ct) => new(false);

    /// <inheritdoc />
    public async ValueTask RemoveAsync(ObjectKey key, CancellationToken ct)
    {
        var asset = _assets.Of(key.Asset);
        if (await asset.FindAsync(key, ct) is not null)
        {
            await _removal.RemoveAsync(key.Asset, asset, [_layout.NameOf(key)], ct);
        }
    }

    /// <inheritdoc />
    public async ValueTask RemoveChunksAsync(AssetId asset, string rendition, CancellationToken ct)
    {
        // Those too of which nobody here knows.
        var keys = await ListChunksAsync(asset, rendition + "-", ct);
        await _removal.RemoveAsync(asset, _assets.Of(asset), [.. keys.Where(key => key.IsChunkOf(rendition)).Select(_layout.NameOf)], ct);
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<ObjectKey>> ListChunksAsync(AssetId asset, CancellationToken ct) => await ListChunksAsync(asset, "", ct);

    /// <inheritdoc />
    public string? LocalPathOf(ObjectKey key) => null;

    /// <inheritdoc />
    public ValueTask<LocalFile?> FileOfAsync(ObjectKey key, CancellationToken ct) => LocalFile.CopyAsync(this, key, ct);

    /// <inheritdoc />
    public async ValueTask ConfirmAsync(AssetId asset, CancellationToken ct)
    {
        if (await _pending.HasAsync(asset, ct) && await _assets.Of(asset).IsCommittedAsync(ct))
        {
            await _pending.RemoveAsync(asset, ct);
        }
    }

    /// <inheritdoc />
    public async ValueTask UnconfirmAsync(AssetId asset, CancellationToken ct)
    {
        if (await _assets.Of(asset).IsCommittedAsync(ct))
        {
            await _pending.AddAsync(asset, ct);
        }
    }

    /// <inheritdoc />
    public async ValueTask<bool> IsUnconfirmedAsync(AssetId asset, CancellationToken ct) => await _pending.HasAsync(asset, ct) && !_assets.IsGone(asset);

    /// <inheritdoc />
    public async ValueTask DeleteAsync(AssetId asset, CancellationToken ct) => await _removal.DeleteAsync(asset, _assets.Of(asset), ct);

    /// <inheritdoc />
    public async IAsyncEnumerable<AssetId> ListAsync([EnumeratorCancellation] CancellationToken ct)
    {
        var pending = await _pending.AllAsync(ct);
        await foreach (var found in _bucket.ListAsync(_layout.Media, "/", ct))
        {
            if (found.SizeBytes < 0 && AssetId.TryParse(found.Name[_layout.Media.Length..].TrimEnd('/'), null, out var id) && !_assets.IsGone(id))
            {
                pending.Remove(id);
                yield return id;
            }
        }

        foreach (var id in pending.Where(id => !_assets.IsGone(id)))
        {
            yield return id; // Nothing came of it, or all went but the marker.
        }
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyCollection<AssetId>> LeftAsync(CancellationToken ct) => await _pending.LeftAsync(ct);

    /// <inheritdoc />
    public async ValueTask<bool> LeaveToOthersAsync(AssetId asset, CancellationToken ct) => await _pending.LeaveToOthersAsync(asset, ct);

    /// <inheritdoc />
    public void ClearStages() => _stages.Clear();

    /// <inheritdoc />
    public void Dispose()
    {
        _bucket.Dispose();
        _pending.Dispose();
        _upload.Dispose();
        _objects.Dispose();
    }

    private async Task<List<ObjectKey>> ListChunksAsync(AssetId asset, string prefix, CancellationToken ct)
    {
        var folder = _layout.ChunksOf(asset);
        var keys = new List<ObjectKey>();
        await foreach (var found in _bucket.ListAsync(folder + prefix, null, ct))
        {
            keys.Add(new ObjectKey(asset, found.Name[folder.Length..]));
        }

        return keys;
    }

    private async Task CommitAsync(AssetId id, string folder, bool isLeft, CancellationToken ct)
    {
        var asset = _assets.Of(id);
        if (asset.HasDoomed || await asset.IsCommittedAsync(ct))
        {
            throw new IOException($"The object storage has an asset {id} already.");
        }

        using var turn = await asset.Writing.TakeAsync("", ct); // It is not forgotten before it is there.
        await _pending.AddAsync(id, ct);
        var made = new ConcurrentDictionary<string, S3Object>(StringComparer.Ordinal);
        try
        {
            await Parallel.ForEachAsync(
                Directory.EnumerateFiles(folder),
                new ParallelOptions { MaxDegreeOfParallelism = MostAtATime, CancellationToken = ct },
                async (path, token) =>
                {
                    var key = new ObjectKey(id, Path.GetFileName(path));
                    made[key.Name] = _objects.New(await _upload.SendAsync(_layout.NameOf(key), path, token));
                });
            await _bucket.MarkAsync(_layout.CommittedOf(id), ct);
        }
        catch when (!isLeft)
        {
            await GiveUpAsync(id, asset);
            throw;
        }

        asset.Committed(made);
    }

    /// <summary>What came of a commit that failed goes; if it cannot now, it does with the next start.</summary>
    private async Task GiveUpAsync(AssetId id, S3Asset asset)
    {
        try
        {
            await _removal.DeleteAsync(id, asset, CancellationToken.None);
        }
        catch (SourceUnavailableException)
        {
            // The commit's own trouble is what is told, and is most likely the same.
        }
    }
}
