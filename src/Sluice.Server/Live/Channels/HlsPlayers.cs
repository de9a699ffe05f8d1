namespace Sluice.Server.Live.Channels;

/// <summary>
/// HLS players, of which nothing is heard but their requests.
/// <code>
///   Come ──▶ asks, and may be kept waiting ──▶ Go ──▶ counts for a while after it was heard of last ──▶ forgotten
/// </code>
/// For one caller at a time. No call takes longer for there being many, but that each that has gone is forgotten once. Whoever lets one in sees to it that there
/// are no more than there may be.
/// </summary>
internal sealed class HlsPlayers
{
    private readonly Dictionary<string, LinkedListNode<Player>> _players = new(StringComparer.Ordinal);

    /// <summary>Who was heard of last is last.</summary>
    private readonly LinkedList<Player> _bySeen = new();

    /// <summary>One asks for something.</summary>
    public void Come(string name, TimeSpan now)
    {
        if (!_players.TryGetValue(name, out var player))
        {
            player = _players[name] = _bySeen.AddLast(new Player(name));
        }

        player.Value.Asking++;
        Hear(player, now);
    }

    /// <summary>It has its answer. One that was forgotten meanwhile stays so.</summary>
    public void Go(string name, TimeSpan now)
    {
        if (_players.TryGetValue(name, out var player))
        {
            player.Value.Asking -= player.Value.Asking > 0 ? 1 : 0;
            Hear(player, now);
        }
    }

    /// <summary>One was heard of.</summary>
    /// <returns>False when it does not count.</returns>
    public bool Touch(string name, TimeSpan now, TimeSpan since)
    {
        if (!Knows(name, since))
        {
            return false;
        }

        Hear(_players[name], now);
        return true;
    }

    /// <summary>Whether one counts that is to have been heard of since, or waits for its answer.</summary>
    public bool Knows(string name, TimeSpan since) => _players.TryGetValue(name, out var player) && (player.Value.Asking > 0 || player.Value.Seen >= since);

    /// <summary>How many count; the others are forgotten.</summary>
    public int Count(TimeSpan now, TimeSpan since)
    {
        while (_bySeen.First is { } first && first.Value.Seen < since)
        {
            if (first.Value.Asking > 0)
            {
                Hear(first, now);
                continue;
            }

            _players.Remove(first.Value.Name);
            _bySeen.RemoveFirst();
        }

        return _players.Count;
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        _players.Clear();
        _bySeen.Clear();
    }

    private void Hear(LinkedListNode<Player> player, TimeSpan now)
    {
        player.Value.Seen = now;
        _bySeen.Remove(player);
        _bySeen.AddLast(player);
    }

    private sealed class Player(string name)
    {
        public string Name => name;

        public TimeSpan Seen { get; set; }

        /// <summary>Requests of it that have no answer yet.</summary>
        public int Asking { get; set; }
    }
}
