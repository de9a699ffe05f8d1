using Sluice.Server.Outbound.Remote;

namespace Sluice.Server.Store.S3;

/// <summary>One object of the bucket as it is known here: its bytes, by way of the local cache, and who reads it. What replaces it is another one.</summary>
/// <param name="at">As the bucket lists it.</param>
/// <param name="blocks">Makes the way to its bytes.</param>
internal sealed class S3Object(S3Listed at, Func<S3Listed, BlockFile> blocks)
{
    private readonly Lock _gate = new();
    private BlockFile? _blocks;
    private int _readers;
    private Action? _whenFree;

    /// <summary>As the bucket lists it.</summary>
    public S3Listed At => at;

    /// <summary>It is not any more what it was.</summary>
    public bool IsLost => Volatile.Read(ref _blocks)?.Fault is not null;

    /// <summary>Whether somebody reads it.</summary>
    public bool IsRead
    {
        get
        {
            lock (_gate)
            {
                return _readers > 0;
            }
        }
    }

    /// <summary>Opens it.</summary>
    public IObjectReader Open()
    {
        lock (_gate)
        {
            _readers++;
            _blocks ??= blocks(at);
            return new S3Reader(this, _blocks);
        }
    }

    /// <summary>Does something once nobody reads it any more, which may be now. Nobody opens it after this.</summary>
    public void WhenFree(Action then)
    {
        lock (_gate)
        {
            if (_readers > 0)
            {
                _whenFree += then;
                return;
            }
        }

        then();
    }

    /// <summary>A reader is done.</summary>
    public void Close()
    {
        Action? then = null;
        lock (_gate)
        {
            if (--_readers == 0)
            {
                (then, _whenFree) = (_whenFree, null);
            }
        }

        then?.Invoke();
    }
}
