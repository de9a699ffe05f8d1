namespace Sluice.Server.Rooms.Wire;

// Every time is in milliseconds of the room's clock, every position in seconds of the title (docs/rooms.md).

/// <summary>The first message: who the member is, and all of the room.</summary>
internal sealed record WelcomeMessage(
    string Type, int Version, int Id, string Resume, string Kind, bool Synchronized, double Time, StateMessage? State, PeopleMessage People,
    IReadOnlyList<ChatMessage> Chat);

/// <summary>What the room plays: at <paramref name="At"/> it was at <paramref name="Position"/>, and has moved since unless it is paused or held.</summary>
internal sealed record StateMessage(
    string Type, long Revision, bool Paused, bool Held, double Position, double Rate, double At);

/// <summary>Who is there.</summary>
internal sealed record PeopleMessage(string Type, int? Host, string Control, IReadOnlyList<MemberView> Members);

/// <summary>One member as the others see it.</summary>
internal sealed record MemberView(int Id, string Name, bool Ready, bool Away, bool WaitedFor, double? Drift);

/// <summary>One line of chat.</summary>
internal sealed record ChatMessage(string Type, long Number, int From, string Name, string Text, double At);

/// <summary>The answer to a ping: its own time, and when it came and went by the room's clock (RFC 5905 section 8).</summary>
internal sealed record PongMessage(string Type, double Time, double Received, double Sent);

/// <summary>What was not done, or why the connection ends.</summary>
internal sealed record ErrorMessage(string Type, string Code, string Detail);
