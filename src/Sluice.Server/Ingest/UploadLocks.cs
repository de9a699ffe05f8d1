using Sluice.Server.Catalog;
using Sluice.Server.Nodes;

namespace Sluice.Server.Ingest;

/// <summary>
/// One request, or one background step, at a time works on an upload in pieces: of this server, and where several share their uploads, of all. Nobody waits: who
/// comes second is told. Only one who receives from a client that has fallen silent is stopped for who comes second: the client has lost that connection, and does
/// not know what the server still waits for. A server that died with an upload is replaced when its hold is over.
/// </summary>
/// <param name="clock">The time.</param>
/// <param name="holds">Takes them among servers; null where uploads stay with their server, which asks the catalog nothing then.</param>
internal sealed class UploadLocks(TimeProvider clock, Holds? holds)
{
    /// <summary>A client that sends is not silent for so long, unless its line is broken. Shorter than the patience of tus clients.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(3);

    /// <summary>A server without a sign of life for so long works on nothing any more.</summary>
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(9);

    /// <summary>Who is stopped writes down how far it came; longer than that takes.</summary>
    private static readonly TimeSpan UntilReleased = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<AssetId, UploadHold> _taken = [];

    /// <summary>Takes an upload until what is answered is disposed; null when somebody else has it.</summary>
    public async ValueTask<UploadHold?> TryTakeAsync(AssetId id)
    {
        if (TryTakeHere(id) is not { } hold)
        {
            return null;
        }

        var isTaken = false;
        try
        {
            isTaken = holds is null || await hold.TryTakeAsync(() => holds.TryTakeAsync($"upload {id}", Length, CancellationToken.None));
            return isTaken ? hold : null;
        }
        finally
        {
            if (!isTaken)
            {
                await hold.DisposeAsync();
            }
        }
    }

    /// <summary>Takes what this server has of an upload, whoever works on it elsewhere.</summary>
    public UploadHold? TryTakeHere(AssetId id)
    {
        lock (_gate)
        {
            return _taken.ContainsKey(id) ? null : _taken[id] = new UploadHold(clock, held => Release(id, held));
        }
    }

    /// <summary>As <see cref="TryTakeAsync"/>, but from one whose client is silent.</summary>
    public async ValueTask<UploadHold?> TakeAsync(AssetId id)
    {
        if (await TryTakeAsync(id) is { } hold)
        {
            return hold;
        }

        UploadHold? other;
        lock (_gate)
        {
            _taken.TryGetValue(id, out other);
        }

        if (other is not null && (other.SilentFor < Silence || !await other.StopAsync(UntilReleased)))
        {
            return null;
        }

        return await TryTakeAsync(id);
    }

    private void Release(AssetId id, UploadHold hold)
    {
        lock (_gate)
        {
            if (_taken.TryGetValue(id, out var taken) && taken == hold)
            {
                _taken.Remove(id);
            }
        }
    }
}
