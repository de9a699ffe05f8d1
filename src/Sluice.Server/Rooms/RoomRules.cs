using Sluice.Server.Hosting;

namespace Sluice.Server.Rooms;

/// <summary>Numbers that rooms live by.</summary>
internal sealed record RoomRules
{
    /// <summary>Rooms at the same time.</summary>
    public int MostRooms { get; init; } = 200;

    /// <summary>Members of one room, those who are away for a moment included.</summary>
    public int MostMembers { get; init; } = 50;

    /// <summary>Members of all rooms: each is an open connection.</summary>
    public int MostConnections { get; init; } = 2000;

    /// <summary>Longest that a room waits for one member at once.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A wait that could not be longer than this is not begun: it would only be a stutter.</summary>
    public TimeSpan ShortestWait { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Seconds of waiting that one member has. They come back at a sixth of the speed at which they go, so that one member stops a room for
    /// no more than a seventh of the time.</summary>
    public Allowance MemberPatience { get; init; } = new(20, 1.0 / 6);

    /// <summary>Seconds of waiting that a room has, whoever it waits for: it plays at least three quarters of the time.</summary>
    public Allowance RoomPatience { get; init; } = new(30, 1.0 / 3);

    /// <summary>A member whose connection broke is the same member when it is back within this time.</summary>
    public TimeSpan AwayTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A host whose connection broke is the host for so long; then somebody else is.</summary>
    public TimeSpan HostGrace { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A room without members is kept for so long, with where it was.</summary>
    public TimeSpan EmptyTime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The members of a room that is new to this server may say for so long where it was before the server began anew.</summary>
    public TimeSpan RestoreTime { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Slowest and fastest that a title may be played.</summary>
    public (double Slowest, double Fastest) Rates { get; init; } = (0.25, 4);

    /// <summary>Longest name, in characters.</summary>
    public int LongestName { get; init; } = 32;

    /// <summary>Longest line of chat, in characters.</summary>
    public int LongestChat { get; init; } = 500;

    /// <summary>Lines of chat that are shown to those who come later.</summary>
    public int ChatKept { get; init; } = 50;

    /// <summary>Lines of chat of one member.</summary>
    public Allowance Chat { get; init; } = new(5, 0.5);

    /// <summary>Commands of one member: play, pause, seek and the like.</summary>
    public Allowance Commands { get; init; } = new(10, 4);

    /// <summary>Reports of one member on how it is doing.</summary>
    public Allowance Reports { get; init; } = new(20, 4);

    /// <summary>The rules as the configuration has them.</summary>
    public static RoomRules Of(RoomOptions options) => new()
    {
        MostRooms = options.Most,
        MostMembers = options.Members,
        LongestWait = TimeSpan.FromSeconds(options.WaitSeconds),
    };
}
