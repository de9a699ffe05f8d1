namespace Sluice.Server.Tests.Sessions.Storm;

/// <summary>The server that a storm goes over.</summary>
internal interface IStormServer
{
    /// <summary>Its process; 0 when none runs.</summary>
    int Pid { get; }

    /// <summary>SIGKILL: no handler runs, nothing is flushed. It is gone when this returns.</summary>
    Task KillAsync();

    /// <summary>Starts it again, with the same data and at the same address, and waits until it answers.</summary>
    Task StartAsync();
}

/// <summary>What people want to watch.</summary>
/// <param name="Name">As it stands in tables.</param>
/// <param name="Address">URL or magnet link.</param>
/// <param name="Plays">Something can come of it.</param>
internal sealed record StormSource(string Name, string Address, bool Plays = true);

/// <summary>The server was killed, and started again.</summary>
/// <param name="Action">Number of the action.</param>
/// <param name="Sessions">Sessions that ran then.</param>
/// <param name="Programs">Programs that it had started and that ran then.</param>
/// <param name="StartTime">From the start of the next one to its first answer.</param>
/// <param name="Left">What was left of it: programs before the next one was started, files and rows after.</param>
internal sealed record StormStrike(int Action, int Sessions, int Programs, TimeSpan StartTime, IReadOnlyList<string> Left);
