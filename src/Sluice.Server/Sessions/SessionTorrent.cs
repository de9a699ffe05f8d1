using Sluice.Server.Hosting;
using Sluice.Server.Store;
using Sluice.Server.Torrents;

namespace Sluice.Server.Sessions;

/// <summary>What a torrent of a session is at, as people are told.</summary>
internal enum SessionTorrentState
{
    /// <summary>It is not known yet what is in it.</summary>
    Metadata,

    /// <summary>Nobody has what is needed.</summary>
    Waiting,

    /// <summary>What is needed comes.</summary>
    Downloading,

    /// <summary>All of the file is here.</summary>
    Complete,
}

/// <summary>A torrent as one who holds it sees it: a session, or what keeps a file of it. Disposing of it lets it go.</summary>
internal sealed class SessionTorrent(HeldTorrent held, TimeProvider clock, Func<HeldTorrent, Task> close) : IAsyncDisposable
{
    /// <summary>Waited for so long with nothing coming, it is most likely that nobody has it.</summary>
    private static readonly TimeSpan LongWait = TimeSpan.FromSeconds(10);

    private TorrentSessionFile? _file;
    private int _isLetGo;

    /// <summary>The torrent.</summary>
    public Torrent Torrent => held.Torrent;

    /// <summary>The file that is played; null until one is.</summary>
    public TorrentFile? Chosen => _file?.File;

    /// <summary>There is another file that could be played instead.</summary>
    public bool HasChoice => Torrent.Contents is { Files.Count: > 1 };

    /// <summary>What it is at.</summary>
    public SessionTorrentState State => Torrent.Contents is null ? SessionTorrentState.Metadata
        : Chosen is { } file && Torrent.Status.FollowedBytesHere >= file.Length ? SessionTorrentState.Complete
        : Torrent.Status.Peers == 0 || (_file?.Waited > LongWait && Torrent.Status.DownBytesPerSecond == 0) ? SessionTorrentState.Waiting
        : SessionTorrentState.Downloading;

    /// <summary>Part of the file that is played that is here, from 0 to 1.</summary>
    public double Progress => Chosen is { Length: > 0 } file ? Math.Clamp((double)Torrent.Status.FollowedBytesHere / file.Length, 0, 1) : 0;

    /// <summary>Opens a file of it, once it is known what is in it, and takes the room for all of it.</summary>
    /// <param name="index">Which; null is the one that is meant when nobody chooses.</param>
    /// <param name="isShown">From here on it is the one that people are told of, and its beginning is waited for.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="TorrentException">It cannot be had.</exception>
    /// <exception cref="SourceUnavailableException">Its beginning cannot be had.</exception>
    /// <exception cref="SessionException">There is no such file, or no room.</exception>
    public async Task<TorrentSessionFile> OpenFileAsync(int? index, bool isShown, CancellationToken ct)
    {
        var contents = await Torrent.OpenAsync(ct);
        var file = FileOf(contents, index);
        if (file.Length == 0)
        {
            throw new SessionException(ErrorCode.SourceUnsupported, "The file of the torrent is empty.");
        }

        var opened = new TorrentSessionFile(Torrent, file, clock);
        held.Promise(file);
        if (isShown)
        {
            _file = opened;
            await Torrent.FollowAsync(file, ct);
            await opened.Reader.PrepareAsync(0, ct); // Whoever reads it next holds a thread while it waits.
        }

        return opened;
    }

    /// <summary>The file of that number.</summary>
    /// <exception cref="SessionException">There is none.</exception>
    public static TorrentFile FileOf(TorrentContents contents, int? index) => index is not { } number ? contents.MainFile
        : number >= 0 && number < contents.Files.Count ? contents.Files[number]
        : throw new SessionException(ErrorCode.RequestInvalid, $"The torrent has {contents.Files.Count} files, numbered from 0; there is no number {number}.");

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isLetGo, 1) == 0)
        {
            await close(held);
        }
    }
}
