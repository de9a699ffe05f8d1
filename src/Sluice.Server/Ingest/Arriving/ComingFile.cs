using Sluice.Server.Jobs;
using Sluice.Server.Package.Arriving;

namespace Sluice.Server.Ingest.Arriving;

/// <summary>One file that is coming, as <see cref="ArrivalDesk"/> keeps it. Whoever changes more than a number holds <see cref="Gate"/>.</summary>
/// <param name="file">How far it is; another one when it begins anew.</param>
/// <param name="announced">What is known of it besides its bytes.</param>
/// <param name="dueTimestamp">Not looked at before: most files are small, and there before that was worth anything.</param>
internal sealed class ComingFile(ArrivingFile file, Arrival announced, long dueTimestamp) : IDisposable
{
    private readonly CancellationTokenSource _givenUp = new();
    private int _isQueued;

    /// <summary>How far it is.</summary>
    public ArrivingFile File { get; set; } = file;

    /// <summary>What is known of it besides its bytes.</summary>
    public Arrival Announced { get; set; } = announced;

    /// <summary>From then on it is worth a look.</summary>
    public long DueTimestamp => dueTimestamp;

    /// <summary>When it can be played.</summary>
    public Plays Plays { get; set; }

    /// <summary>Looked at again when so much has landed.</summary>
    public long NeededBytes { get; set; } = 1;

    /// <summary>Presented length in seconds; 0 while it is not known.</summary>
    public double DurationSeconds { get; set; }

    /// <summary>Nothing becomes of it any more but what its last byte brings.</summary>
    public bool IsClosed { get; set; }

    /// <summary>When the watchers were last told.</summary>
    public long ToldTimestamp { get; set; }

    /// <summary>One at a time.</summary>
    public SemaphoreSlim Gate { get; } = new(1, 1);

    /// <summary>Cancelled when somebody gives it up; who receives it stops.</summary>
    public CancellationToken GivenUp => _givenUp.Token;

    /// <summary>Gives it up.</summary>
    public void GiveUp() => _givenUp.Cancel();

    /// <summary>True for the one who puts it into the queue.</summary>
    public bool TryQueue() => Interlocked.Exchange(ref _isQueued, 1) == 0;

    /// <summary>It is out of the queue.</summary>
    public void Unqueue() => Volatile.Write(ref _isQueued, 0);

    /// <inheritdoc />
    public void Dispose()
    {
        // The gate stays: who waits at it finds the file closed.
        _givenUp.Dispose();
    }
}
