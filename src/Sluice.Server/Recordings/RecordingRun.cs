using Sluice.Server.Catalog;

namespace Sluice.Server.Recordings;

/// <summary>The place that a recording takes while it runs; it is taken before it begins.</summary>
internal sealed class RecordingRun : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private bool _isOver;

    /// <param name="id">Of the title that it becomes.</param>
    public RecordingRun(AssetId id)
    {
        Id = id;
        Stopped = _stop.Token;
    }

    /// <summary>Of the title that it becomes.</summary>
    public AssetId Id { get; }

    /// <summary>How far it is; null until it begins.</summary>
    public RecordingState? State { get; set; }

    /// <summary>Somebody wants it to end.</summary>
    public CancellationToken Stopped { get; }

    /// <summary>Has it end; nothing happens when it has.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            if (!_isOver)
            {
                _stop.Cancel();
            }
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_gate)
        {
            _isOver = true;
            _stop.Dispose();
        }
    }
}
