namespace Sluice.Server.Rooms;

/// <summary>One line of chat.</summary>
/// <param name="Number">From 1, growing.</param>
/// <param name="From">Id of the member.</param>
/// <param name="Name">What it was called then.</param>
/// <param name="Text">Plain text.</param>
/// <param name="At">The room's time.</param>
internal sealed record ChatLine(long Number, int From, string Name, string Text, TimeSpan At);

/// <summary>What was said in a room, the last of it.</summary>
internal sealed class ChatLog(RoomRules rules)
{
    private readonly Queue<ChatLine> _lines = [];
    private long _last;

    /// <summary>The last lines, oldest first.</summary>
    public IReadOnlyCollection<ChatLine> Lines => _lines;

    /// <summary>A member says something.</summary>
    public RoomFault Say(RoomMember member, string? text, TimeSpan now, out ChatLine? line)
    {
        line = null;
        var clean = PlainWords.Clean(text, rules.LongestChat);
        if (clean.Length == 0)
        {
            return RoomFault.Invalid;
        }

        if (!member.Chat.TryTake(now))
        {
            return RoomFault.TooFast;
        }

        line = new ChatLine(++_last, member.Id, member.Name, clean, now);
        _lines.Enqueue(line);
        if (_lines.Count > rules.ChatKept)
        {
            _lines.Dequeue();
        }

        return RoomFault.None;
    }
}
