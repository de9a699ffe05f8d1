namespace Sluice.Server.Rooms.Wire;

/// <summary>What a member sends: <see cref="Type"/> says which of the rest counts (docs/rooms.md).</summary>
internal sealed record ClientMessage
{
    /// <summary><c>hello</c>, <c>ping</c>, <c>play</c>…</summary>
    public string? Type { get; init; }

    /// <summary>hello: version of the protocol that it speaks.</summary>
    public int Version { get; init; }

    /// <summary>hello, name: what it wants to be called.</summary>
    public string? Name { get; init; }

    /// <summary>hello: the secret of an earlier welcome.</summary>
    public string? Resume { get; init; }

    /// <summary>hello: what it remembers of a room.</summary>
    public RestoredState? Restore { get; init; }

    /// <summary>ping: its own time in milliseconds, which comes back as it is.</summary>
    public double Time { get; init; }

    /// <summary>seek: seconds of the title.</summary>
    public double? Position { get; init; }

    /// <summary>rate: seconds of the title in a second.</summary>
    public double? Rate { get; init; }

    /// <summary>status: whether it could go on playing.</summary>
    public bool Ready { get; init; }

    /// <summary>status: seconds that it is ahead of the room.</summary>
    public double? Drift { get; init; }

    /// <summary>control: <c>host</c> or <c>everyone</c>.</summary>
    public string? Control { get; init; }

    /// <summary>host: id of the member that is to be it.</summary>
    public int? To { get; init; }

    /// <summary>chat: what it says.</summary>
    public string? Text { get; init; }
}
