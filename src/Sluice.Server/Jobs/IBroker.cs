namespace Sluice.Server.Jobs;

/// <summary>The broker between several machines, where one is configured, as operators see it.</summary>
internal interface IBroker
{
    /// <summary>How it is with it now.</summary>
    BrokerStatus Status { get; }

    /// <summary>What lies in its queues; null when it cannot be asked.</summary>
    Task<IReadOnlyList<QueueDepth>?> DepthsAsync(CancellationToken ct);

    /// <summary>Announcements that were put aside, the oldest first, at most <paramref name="most"/>; they stay. Null when it cannot be asked.</summary>
    Task<IReadOnlyList<DeadLetter>?> DeadLettersAsync(int most, CancellationToken ct);

    /// <summary>Removes those; answers how many there were, null when it cannot be asked.</summary>
    Task<int?> RemoveDeadLettersAsync(CancellationToken ct);
}

/// <summary>How it is with a broker.</summary>
/// <param name="Publishes">Announcements reach it.</param>
/// <param name="Listens">Announcements come from it; null when this process does no work.</param>
/// <param name="Trouble">Why one of these is not so, in words for a person; null when both are.</param>
/// <param name="Since">Since when it is so.</param>
internal sealed record BrokerStatus(bool Publishes, bool? Listens, string? Trouble, DateTimeOffset Since)
{
    /// <summary>All is well.</summary>
    public bool IsConnected => Publishes && Listens != false;

    /// <summary>It is reached, and takes nothing because it has no room.</summary>
    public bool IsBlocked { get; init; }

    /// <summary>In a word for monitors: <c>connected</c>, <c>blocked</c> or <c>unreachable</c>.</summary>
    public string State => IsConnected ? "connected" : IsBlocked ? "blocked" : "unreachable";

    /// <summary>Announcements that it has confirmed.</summary>
    public long Announced { get; init; }

    /// <summary>Announcements that it did not confirm; they are made again.</summary>
    public long Unconfirmed { get; init; }

    /// <summary>Announcements that it refused because it has as many as it may.</summary>
    public long Refused { get; init; }

    /// <summary>Announcements that came from it.</summary>
    public long Received { get; init; }

    /// <summary>Times that a connection to it ended or could not be made.</summary>
    public long Losses { get; init; }
}

/// <summary>One queue.</summary>
/// <param name="Queue"><c>viewers</c>, <c>background</c> or <c>dead</c>.</param>
/// <param name="Name">Its name at the broker.</param>
/// <param name="Waiting">Announcements that nobody was given yet.</param>
/// <param name="Workers">Processes that take from it.</param>
internal sealed record QueueDepth(string Queue, string Name, long Waiting, long Workers);

/// <summary>An announcement that was put aside. Work is never lost with it: the catalog has the tasks.</summary>
/// <param name="Reason">The broker's word: <c>delivery_limit</c> when one worker after another was lost with it, <c>rejected</c> when it is
/// none of ours, <c>maxlen</c>, <c>expired</c>; null when it does not say.</param>
/// <param name="Queue">The queue that it was put aside from.</param>
/// <param name="Times">How often that happened to it.</param>
/// <param name="At">When.</param>
/// <param name="Deliveries">How many workers were given it; null when the broker does not say.</param>
/// <param name="Urgency">How urgent the work was; null when it is none of ours.</param>
/// <param name="AnnouncedBy">The process that announced it.</param>
internal sealed record DeadLetter(
    string? Reason, string? Queue, long Times, DateTimeOffset? At, long? Deliveries, string? Urgency, string? AnnouncedBy);
