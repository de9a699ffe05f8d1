using System.Security.Cryptography;
using System.Text;

namespace Sluice.Server.Rooms;

/// <summary>
/// Who is in a room, and who its host is.
/// <code>
/// Enter → away when the connection breaks → Enter again within a minute: the same member
///                                         → or not: gone
/// the host is the first to come; when it stays away or goes, whoever has been there longest
/// </code>
/// </summary>
/// <param name="rules">Numbers.</param>
/// <param name="newSecret">Makes what a member is known by when it comes back.</param>
/// <param name="now">When the room begins.</param>
internal sealed class RoomPeople(RoomRules rules, Func<string> newSecret, TimeSpan now)
{
    private readonly List<RoomMember> _all = [];
    private TimeSpan _emptySince = now;
    private int _lastId;

    /// <summary>Everybody, in the order in which they came.</summary>
    public IReadOnlyList<RoomMember> All => _all;

    /// <summary>Who may change the room's manners; null while there is nobody.</summary>
    public RoomMember? Host { get; set; }

    /// <summary>Whether nobody has been there for long enough to forget the room.</summary>
    public bool IsOver(TimeSpan now) => _all.Count == 0 && now - _emptySince >= rules.EmptyTime;

    /// <summary>Lets somebody in, or in again; null when the room is full. Who is host is settled by <see cref="Settle"/>.</summary>
    public RoomMember? Enter(string? name, string? resume, TimeSpan now)
    {
        var member = Back(resume) ?? Newcomer(name, now);
        if (member is not null)
        {
            member.AwaySince = null;
            member.IsReady = member.HasBegun = member.IsGivenUp = false;
            member.DriftSeconds = null;
        }

        return member;
    }

    /// <summary>A member is gone for good.</summary>
    public void Remove(RoomMember member, TimeSpan now)
    {
        _all.Remove(member);
        Host = Host == member ? null : Host;
        _emptySince = now;
    }

    /// <summary>A name that none of the others has.</summary>
    public string NameFor(RoomMember? member, string? wish) =>
        PlainWords.Name(wish, rules.LongestName, [.. _all.Where(m => m != member).Select(m => m.Name)]);

    /// <summary>Those who stayed away go, and a host who stays away is followed by another.</summary>
    /// <returns>Whether any of it happened.</returns>
    public bool Settle(TimeSpan now)
    {
        var gone = _all.FindAll(m => now - m.AwaySince >= rules.AwayTime);
        gone.ForEach(member => Remove(member, now));
        if ((Host is null || now - Host.AwaySince >= rules.HostGrace) && _all.Find(m => m.IsHere) is { } next)
        {
            Host = next;
            return true;
        }

        return gone.Count > 0;
    }

    /// <summary>When something is due although nothing happens.</summary>
    public TimeSpan? NextDue()
    {
        TimeSpan? due = _all.Count == 0 ? _emptySince + rules.EmptyTime : null;
        var isFollowed = _all.Exists(m => m.IsHere);
        foreach (var member in _all)
        {
            due = Sooner(due, member.WaitedUntil);
            due = Sooner(due, member.AwaySince + (member == Host && isFollowed ? rules.HostGrace : rules.AwayTime));
        }

        return due;
    }

    private RoomMember? Back(string? resume) => resume is null ? null : _all.Find(m =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(m.Resume), Encoding.UTF8.GetBytes(resume)));

    private RoomMember? Newcomer(string? name, TimeSpan now)
    {
        if (_all.Count >= rules.MostMembers)
        {
            // Who is away makes room for who is here.
            if (_all.Find(m => !m.IsHere) is not { } away)
            {
                return null;
            }

            Remove(away, now);
        }

        var member = new RoomMember(++_lastId, newSecret(), NameFor(null, name), rules);
        _all.Add(member);
        return member;
    }

    private static TimeSpan? Sooner(TimeSpan? one, TimeSpan? other) => one is null || other < one ? other ?? one : one;
}
