using Sluice.Server.Catalog;

namespace Sluice.Server.Ingest;

/// <summary>
/// One request, or one background step, at a time works on an upload in pieces. Nobody waits: who comes second is told. Only one who receives from
/// a client that has fallen silent is stopped for who comes second: the client has lost that connection, and does not know what the server still
/// waits for.
/// </summary>
internal sealed class UploadLocks(TimeProvider clock)
{
    /// <summary>A client that sends is not silent for so long, unless its line is broken. Shorter than the patience of tus clients.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(3);

    /// <summary>Who is stopped writes down how far it came; longer than that takes.</summary>
    private static readonly TimeSpan UntilReleased = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<AssetId, UploadHold> _taken = [];

    /// <summary>Takes an upload until what is answered is disposed; null when somebody else has it.</summary>
    public UploadHold? TryTake(AssetId id)
    {
        lock (_gate)
        {
            var hold = new UploadHold(clock, held => Release(id, held));
            if (_taken.TryAdd(id, hold))
            {
                return hold;
            }

            hold.Dispose();
            return null;
        }
    }

    /// <summary>As <see cref="TryTake"/>, but from one whose client is silent.</summary>
    public async ValueTask<UploadHold?> TakeAsync(AssetId id)
    {
        if (TryTake(id) is { } hold)
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

        return TryTake(id);
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
