using System.Runtime.CompilerServices;
using Sluice.Server.Catalog;

namespace Sluice.Server.Store.S3;

/// <summary>The markers of assets that are not confirmed, or not whole. They are few; read once, what this server does to them is noted.</summary>
/// <param name="bucket">Where they are.</param>
/// <param name="layout">Their names.</param>
/// <param name="clock">Tells which are old.</param>
internal sealed class S3Pending(S3Bucket bucket, S3Layout layout, TimeProvider clock) : IDisposable
{
    /// <summary>Nobody is at work on one asset for so long: who gave such a marker does not come back.</summary>
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly HashSet<AssetId> _left = [];
    private Dictionary<AssetId, List<string>>? _known;

    /// <summary>Whether an asset has the marker of any server.</summary>
    public Task<bool> HasAsync(AssetId asset, CancellationToken ct) => DoAsync(
        async known =>
        {
            if (!known.ContainsKey(asset) && layout.IsShared)
            {
                await foreach (var mark in ListAsync(layout.PendingsOf(asset), ct))
                {
                    known[asset] = [.. known.GetValueOrDefault(asset) ?? [], mark.Name];
                }
            }

            return known.ContainsKey(asset);
        },
        ct);

    /// <summary>All that have it.</summary>
    public Task<HashSet<AssetId>> AllAsync(CancellationToken ct) => DoAsync(known => Task.FromResult(known.Keys.ToHashSet()), ct);

    /// <summary>Those that had this server's marker when they were read, which was before it did anything, or one of old: nobody is at work on them.</summary>
    public Task<HashSet<AssetId>> LeftAsync(CancellationToken ct) => DoAsync(known => Task.FromResult(known.Keys.Where(_left.Contains).ToHashSet()), ct);

    /// <summary>Gives it.</summary>
    public Task AddAsync(AssetId asset, CancellationToken ct) => DoAsync(
        async known =>
        {
            var own = layout.PendingOf(asset);
            var names = known.GetValueOrDefault(asset) ?? [];
            if (!names.Contains(own) || _left.Contains(asset))
            {
                await bucket.MarkAsync(own, ct); // One that was left looks as old as it is.
                known[asset] = [.. names.Where(name => name != own), own];
                _left.Remove(asset);
            }

            return true;
        },
        ct);

    /// <summary>Takes it away.</summary>
    public Task RemoveAsync(AssetId asset, CancellationToken ct) => DoAsync(
        async known =>
        {
            foreach (var name in known.GetValueOrDefault(asset) ?? [])
            {
                await bucket.RemoveAsync(name, ct);
            }

            return known.Remove(asset);
        },
        ct);

    /// <summary>Takes away this server's marker and those of old, where another server gives one just now, or has since.</summary>
    /// <returns>False when none does; nothing happens then.</returns>
    public Task<bool> LeaveToOthersAsync(AssetId asset, CancellationToken ct) => DoAsync(
        async known =>
        {
            var marks = new List<Mark>();
            await foreach (var mark in ListAsync(layout.PendingsOf(asset), ct))
            {
                marks.Add(mark);
            }

            if (marks.TrueForAll(mark => mark.IsLeft))
            {
                return false;
            }

            foreach (var mark in marks.Where(mark => mark.IsLeft))
            {
                await bucket.RemoveAsync(mark.Name, ct);
            }

            known.Remove(asset);
            return true;
        },
        ct);

    /// <inheritdoc />
    public void Dispose() => _turn.Dispose();

    private async Task<T> DoAsync<T>(Func<Dictionary<AssetId, List<string>>, Task<T>> what, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            return await what(_known ??= await ReadAsync(ct));
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<Dictionary<AssetId, List<string>>> ReadAsync(CancellationToken ct)
    {
        var found = new Dictionary<AssetId, List<string>>();
        await foreach (var mark in ListAsync(layout.Pending, ct))
        {
            found[mark.Asset] = [.. found.GetValueOrDefault(mark.Asset) ?? [], mark.Name];
            if (mark.IsLeft)
            {
                _left.Add(mark.Asset);
            }
        }

        return found;
    }

    private async IAsyncEnumerable<Mark> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken ct)
    {
        var old = clock.GetUtcNow() - Abandoned;
        await foreach (var one in bucket.ListAsync(prefix, null, ct))
        {
            if (layout.PendingAt(one.Name) is var (id, isOwn))
            {
                yield return new Mark(id, one.Name, isOwn || one.At < old);
            }
        }
    }

    /// <param name="Asset">Whose it is.</param>
    /// <param name="Name">Its name in the bucket.</param>
    /// <param name="IsLeft">It is this server's, or one of old.</param>
    private readonly record struct Mark(AssetId Asset, string Name, bool IsLeft);
}
