using Sluice.Server.Catalog;

namespace Sluice.Server.Jobs;

/// <summary>
/// Announcements within one process. An announcement wakes one waiter; when none may take it, it is remembered, once
/// for each urgency however often it was made. Whoever claims a task announces again, so that one announcement of many
/// tasks wakes as many workers as there is work for.
/// </summary>
internal sealed class InProcessQueue : IJobQueue
{
    private readonly WaitingRoom _room;
    private readonly Announcement[] _announcements;
    private readonly Announcement _nothing;

    public InProcessQueue(TimeProvider clock)
    {
        _room = new WaitingRoom(clock);
        _announcements = [.. Enum.GetValues<Urgency>().Select(urgency => new Local(this, urgency))];
        _nothing = new Local(this, null);
    }

    /// <inheritdoc />
    public void Announce(Urgency urgency, int? tasks = null) => _room.Offer(urgency, _announcements[(int)urgency], onlyOne: true);

    /// <inheritdoc />
    public void AnnounceHere(Urgency urgency) => Announce(urgency);

    /// <inheritdoc />
    public async Task<Announcement> WaitAsync(Urgency least, TimeSpan atMost, CancellationToken ct) =>
        await _room.WaitAsync(least, atMost, ct) ?? _nothing;

    /// <summary>Nobody but this process can lose it, and with this process all of them are lost.</summary>
    private sealed class Local(InProcessQueue queue, Urgency? urgency) : Announcement
    {
        public override bool MayBeMore => true;

        public override void End()
        {
        }

        public override void GiveBack()
        {
            if (urgency is { } again)
            {
                queue.Announce(again);
            }
        }
    }
}
