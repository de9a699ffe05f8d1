using System.Collections.Concurrent;
using Sluice.Server.Catalog;
using Sluice.Server.Nodes;

namespace Sluice.Server.Ingest.Chunks;

/// <summary>
/// Which of several nodes has the chunks of an upload: the one where it was begun, by lease, for as long as it is open. The others pass requests about it on.
/// <code>
///   begun ──▶ held ──▶ ended: given back
///               ├──▶ its node stops, and starts again with what it has on its disk: held again
///               └──▶ its node is gone: the next that is asked has it, without the chunks; its client is told which are missing, and sends those again
/// </code>
/// Where there is one node nothing here does anything.
/// </summary>
/// <param name="turns">Null where there is one node.</param>
internal sealed class ChunkTurns(Turns? turns) : IAsyncDisposable
{
    /// <summary>A lease without a sign of life is over after that. Longer than for what is watched: many may be open for a day, and each is renewed.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(21);

    private readonly ConcurrentDictionary<AssetId, Hold> _held = new();
    private readonly SemaphoreSlim _one = new(1); // Of taking: two requests of one upload come at once.

    /// <summary>Uploads whose chunks this node has for itself.</summary>
    public IReadOnlyCollection<AssetId> Held => [.. _held.Keys];

    /// <summary>Whether this node has the chunks of an upload, or nobody else could.</summary>
    public bool Has(AssetId upload) => turns is null || _held.ContainsKey(upload);

    /// <summary>Whether another node has them, and has answered.</summary>
    /// <param name="context">The request, whose body was not read, or can be read again from where it is.</param>
    /// <param name="upload">What it is about.</param>
    public Task<bool> PassAsync(HttpContext context, AssetId upload) =>
        Has(upload) ? Task.FromResult(false) : turns!.PassAsync(context, NameOf(upload), ct => TakeAsync(upload, ct));

    /// <summary>Has this node have the chunks of an upload, unless another one does.</summary>
    public async Task<Taking> TakeAsync(AssetId upload, CancellationToken ct)
    {
        if (Has(upload))
        {
            return Taking.Taken;
        }

        await _one.WaitAsync(ct);
        try
        {
            if (!_held.ContainsKey(upload))
            {
                if (await turns!.TryTakeAsync(NameOf(upload), ct, Length) is not { } hold)
                {
                    return Taking.Lost;
                }

                _held[upload] = hold;
                hold.Lost.Register(() => Lose(upload, hold));
            }

            return Taking.Taken;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>It has ended; nothing happens when it is not this node's.</summary>
    public async Task LetGoAsync(AssetId upload)
    {
        if (_held.TryRemove(upload, out var hold))
        {
            await hold.DisposeAsync();
        }
    }

    /// <summary>The node stops: what it has is kept for it, for as long as a lease lasts.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var hold in _held.Values)
        {
            await hold.LeaveAsync();
        }

        _held.Clear();
        _one.Dispose();
    }

    private static string NameOf(AssetId upload) => $"chunks {upload}";

    private void Lose(AssetId upload, Hold hold)
    {
        _held.TryRemove(KeyValuePair.Create(upload, hold));
        _ = Task.Run(() => hold.DisposeAsync().AsTask(), CancellationToken.None);
    }
}
