using System.Diagnostics;

namespace Sluice.Server.Processes;

/// <summary>The clock beside a child: measures its time and its silence, neither of which runs on while it is paused.</summary>
internal sealed class ChildWatch(ChildLimits limits)
{
    private readonly Lock _gate = new();
    private readonly Stopwatch _running = Stopwatch.StartNew();
    private TimeSpan _lastSign;
    private bool _waitsForReader;

    /// <summary>It gave a sign of life.</summary>
    public void Sign()
    {
        lock (_gate)
        {
            _lastSign = _running.Elapsed;
        }
    }

    /// <summary>It waits, or waits no longer, until somebody reads what it wrote: that is not its own silence.</summary>
    public void WaitForReader(bool waits)
    {
        lock (_gate)
        {
            _waitsForReader = waits;
            _lastSign = _running.Elapsed;
        }
    }

    /// <summary>Time stands still.</summary>
    public void Pause()
    {
        lock (_gate)
        {
            _running.Stop();
        }
    }

    /// <summary>Time goes on.</summary>
    public void Resume()
    {
        lock (_gate)
        {
            _running.Start();
        }
    }

    /// <summary>Why it must end now; null when it may go on.</summary>
    public ExitReason? Overdue()
    {
        lock (_gate)
        {
            if (_running.Elapsed > limits.WallTime)
            {
                return ExitReason.TimedOut;
            }

            return !_waitsForReader && _running.Elapsed - _lastSign > limits.Silence ? ExitReason.Silent : null;
        }
    }
}
