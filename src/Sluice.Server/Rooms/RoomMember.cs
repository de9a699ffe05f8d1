namespace Sluice.Server.Rooms;

/// <summary>Somebody in a room.</summary>
internal sealed class RoomMember(int id, string resume, string name, RoomRules rules)
{
    /// <summary>Number in its room; nobody gets it again.</summary>
    public int Id => id;

    /// <summary>The secret by which it is known when it comes back.</summary>
    public string Resume => resume;

    /// <summary>What the others call it.</summary>
    public string Name { get; set; } = name;

    /// <summary>Since when its connection is broken; null while it is there.</summary>
    public TimeSpan? AwaySince { get; set; }

    /// <summary>It could go on playing, as far as it has told.</summary>
    public bool IsReady { get; set; }

    /// <summary>It has been ready since it came: nobody waits for those who only just come in.</summary>
    public bool HasBegun { get; set; }

    /// <summary>Seconds that it was ahead of the room when it reported last; null when it did not say.</summary>
    public double? DriftSeconds { get; set; }

    /// <summary>Until when the room waits for it; null when it does not.</summary>
    public TimeSpan? WaitedUntil { get; set; }

    /// <summary>It was waited for in vain: the room goes on without it until it is ready.</summary>
    public bool IsGivenUp { get; set; }

    /// <summary>Waiting that it may still ask of the others.</summary>
    public Remainder Patience { get; } = new(rules.MemberPatience);

    /// <summary>Lines of chat that it may still write.</summary>
    public Remainder Chat { get; } = new(rules.Chat);

    /// <summary>Commands that it may still give.</summary>
    public Remainder Commands { get; } = new(rules.Commands);

    /// <summary>Reports of it that are still listened to.</summary>
    public Remainder Reports { get; } = new(rules.Reports);

    /// <summary>Whether its connection stands.</summary>
    public bool IsHere => AwaySince is null;

    /// <summary>Whether it cannot play although it could before, and may be waited for.</summary>
    public bool IsStalled => IsHere && HasBegun && !IsReady && !IsGivenUp;
}
