using Sluice.Server.Torrents;

namespace Sluice.Server.Sessions;

/// <summary>
/// Torrents that are open, for sessions and for what is kept of them: each once, however many hold it.
/// <code>
///   open ──▶ is it open? ── yes ──▶ one more holds it
///              │ no ──▶ a folder in the scratch folder, the engine ──▶ held by one
///   let go ──▶ the last one: closed, and what came is deleted
/// </code>
/// </summary>
internal sealed class SessionTorrents(TorrentEngine engine, SessionScratch scratch, TimeProvider clock) : IDisposable
{
    /// <summary>One is opened or closed at a time: a torrent that is being closed cannot be opened.</summary>
    private readonly SemaphoreSlim _turns = new(1, 1);
    private readonly List<HeldTorrent> _open = [];

    /// <summary>Opens a torrent. Dispose of the answer.</summary>
    /// <exception cref="TorrentException">It is refused, or there is no engine.</exception>
    /// <exception cref="SessionException">The scratch folder cannot be written to.</exception>
    public async Task<SessionTorrent> OpenAsync(TorrentLink link, CancellationToken ct)
    {
        await _turns.WaitAsync(ct);
        try
        {
            var held = _open.Find(known => known.Torrent.Hash.IsThatOf(link.Hash) && known.Torrent.Status.State != TorrentState.Failed);
            if (held is null)
            {
                held = new HeldTorrent(await engine.AddAsync(link, scratch.NewPath(), ct), scratch.TakeNone());
                _open.Add(held);
            }

            held.Holders++;
            return new SessionTorrent(held, clock, CloseAsync);
        }
        finally
        {
            _turns.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _turns.Dispose();

    private async Task CloseAsync(HeldTorrent held)
    {
        await _turns.WaitAsync(CancellationToken.None);
        try
        {
            if (--held.Holders == 0)
            {
                _open.Remove(held);
                await held.Torrent.DisposeAsync();
                held.Room.Dispose();
            }
        }
        finally
        {
            _turns.Release();
        }
    }
}

/// <summary>A torrent that is open, with the room for the files that are read. Those are never taken back one by one: a file lies there until
/// the torrent goes.</summary>
internal sealed class HeldTorrent
{
    private readonly HashSet<int> _promised = [];

    public HeldTorrent(Torrent torrent, ScratchRoom room)
    {
        (Torrent, Room) = (torrent, room);
        room.FillsAs(() => torrent.Status.BytesHere);
    }

    /// <summary>The torrent.</summary>
    public Torrent Torrent { get; }

    /// <summary>What it may fill.</summary>
    public ScratchRoom Room { get; }

    /// <summary>How many hold it.</summary>
    public int Holders { get; set; }

    /// <summary>Takes room for a file, once.</summary>
    /// <exception cref="SessionException">There is none.</exception>
    public void Promise(TorrentFile file)
    {
        lock (_promised)
        {
            if (!_promised.Contains(file.Index))
            {
                Room.Grow(file.Length);
                _promised.Add(file.Index);
            }
        }
    }
}
