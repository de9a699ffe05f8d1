using Sluice.Server.Store;
using Sluice.Server.Torrents.Engine;

namespace Sluice.Server.Torrents;

/// <summary>
/// A torrent that is open: its files can be read while nothing but what is read is downloaded.
/// <code>
/// magnet link  → Metadata ─ peers tell what it is ─▶ judged ─▶ Ready     reads go on whatever becomes of the engine, which is
/// .torrent     ───────────────────────────────────▶ judged ─▶ Ready     started anew when it dies
///                                                      └▶ Failed        more files or bytes than may be, names that lead astray
/// </code>
/// Disposing of it ends the download and deletes what came.
/// </summary>
internal sealed class Torrent : IAsyncDisposable
{
    private const int MostReads = 32;

    private readonly TorrentEngine _engine;
    private readonly TorrentLimits _limits;
    private readonly TaskCompletionSource<TorrentContents> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<TorrentFile> _chosen = [];
    private volatile byte[]? _info;
    private volatile TorrentContents? _contents;
    private volatile TorrentFile? _followed;

    public Torrent(TorrentEngine engine, long number, TorrentLink link, string folder, TorrentLimits limits)
    {
        (_engine, Number, Link, Folder, _limits) = (engine, number, link, folder, limits);
        Hash = link.Hash;
        _ = _opened.Task.Exception; // Perhaps nobody waits for it.
        if (link.Info is { } info && TryTake(info))
        {
            _opened.TrySetResult(_contents!); // Nobody has it before the engine was told of it.
        }
    }

    /// <summary>Grows from torrent to torrent.</summary>
    public long Number { get; }

    /// <summary>What the engine calls it.</summary>
    public string Key => $"t{Number}";

    /// <summary>What a person gave.</summary>
    public TorrentLink Link { get; }

    /// <summary>What it is known by: all hashes of it, once it is known what is in it.</summary>
    public InfoHash Hash { get; private set; }

    /// <summary>Peers are asked what it is.</summary>
    internal bool IsSought => _info is null && Status.State != TorrentState.Failed;

    /// <summary>Where its bytes lie.</summary>
    public string Folder { get; }

    /// <summary>Its name, as text; the hash until there is one.</summary>
    public string Name => Contents?.Name ?? Link.Name ?? Link.Hash.ToString();

    /// <summary>What is in it; null until that is known.</summary>
    public TorrentContents? Contents => _opened.Task.IsCompletedSuccessfully ? _opened.Task.Result : null;

    /// <summary>How it stands.</summary>
    public TorrentStatus Status { get; private set; } = TorrentStatus.AtFirst;

    /// <summary>What the engine is told of it when it starts; null when it has nothing to do for it.</summary>
    public SidecarCommand? Beginning => Status.State == TorrentState.Failed ? null
        : _info is { } info ? SidecarCommand.Open(Key, Link, info, Folder) with { Position = _followed?.Position, Length = _followed?.Length }
        : SidecarCommand.Metadata(Key, Link, Folder);

    /// <summary>Reads of it that are under way at the same time: each may have a mebibyte on its way here.</summary>
    internal SemaphoreSlim Reads { get; } = new(MostReads);

    /// <summary>Waits until it is known what is in it, however long peers take to tell.</summary>
    /// <exception cref="TorrentException">It is refused.</exception>
    public Task<TorrentContents> OpenAsync(CancellationToken ct) => _opened.Task.WaitAsync(ct);

    /// <summary>Reads a file of it. Bytes that are not here are waited for, without end; <see cref="Status"/> says whether somebody has them.</summary>
    /// <exception cref="TorrentException">It is larger than may be.</exception>
    public IObjectReader Read(TorrentFile file)
    {
        Choose(file);
        return new TorrentReader(_engine, this, file);
    }

    /// <summary>From here on <see cref="TorrentStatus.FollowedBytesHere"/> is of this file.</summary>
    public async Task FollowAsync(TorrentFile file, CancellationToken ct)
    {
        _followed = file;
        await _engine.AskAsync(SidecarCommand.Follow(Key, file.Position, file.Length), ct);
    }

    /// <summary>Downloads a file from <paramref name="offset"/> to its end; ends when it is here.</summary>
    /// <exception cref="TorrentException">That cannot be had.</exception>
    public async Task KeepAsync(TorrentFile file, long offset, CancellationToken ct)
    {
        Choose(file);
        if (offset < file.Length)
        {
            await _engine.AskAsync(SidecarCommand.Keep(Key, file.Position + offset, file.Length - offset), ct);
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _engine.RemoveAsync(this);

    /// <summary>Peers told what it is. It can be read once the engine <see cref="Knows"/> it, too.</summary>
    /// <returns>Whether it is taken.</returns>
    internal bool TryTake(byte[] info)
    {
        var answer = Link.Hash.IsOf(info)
            ? ContentsReader.Read(info, _limits.MostFiles)
            : new ContentsAnswer(null, "What peers say of the torrent does not agree with its hash.");
        var problem = answer.Problem ?? TooLarge(answer.Contents!.MainFile.Length);
        if (problem is not null)
        {
            Fail(problem, TorrentFailure.Refused);
            return false;
        }

        Hash = InfoHash.Of(info);
        _contents = answer.Contents;
        _info = info;
        return true;
    }

    /// <summary>The engine was told of it: what is asked from here on comes after that.</summary>
    /// <param name="told">What it was told.</param>
    internal void Knows(SidecarCommand told)
    {
        if (told.Info is not null)
        {
            _opened.TrySetResult(_contents!);
        }
    }

    /// <summary>It cannot be had.</summary>
    internal void Fail(string problem, TorrentFailure failure = TorrentFailure.Broken)
    {
        Status = Status with { State = TorrentState.Failed, Problem = problem };
        _opened.TrySetException(new TorrentException(problem) { Failure = failure });
        _ = _opened.Task.Exception;
    }

    /// <summary>The engine told how it stands.</summary>
    internal void Heard(TorrentStatus status)
    {
        if (Status.State != TorrentState.Failed)
        {
            Status = status;
        }
    }

    /// <summary>The engine has ended: nobody is connected.</summary>
    internal void Lost() => Heard(Status with { Peers = 0, Seeds = 0, DownBytesPerSecond = 0, UpBytesPerSecond = 0 });

    /// <summary>What is read ends on the disk: all files that were ever read count.</summary>
    private void Choose(TorrentFile file)
    {
        lock (_chosen)
        {
            if (!_chosen.Contains(file) && TooLarge(_chosen.Sum(chosen => chosen.Length) + file.Length) is { } problem)
            {
                throw new TorrentException(problem) { Failure = TorrentFailure.Refused };
            }

            _chosen.Add(file);
        }
    }

    private string? TooLarge(long bytes) => bytes <= _limits.MostBytes ? null
        : FormattableString.Invariant($"The torrent's video has {bytes / 1e9:0.0} GB; this server takes {_limits.MostBytes / 1e9:0.0} GB (torrents.mostBytes).");
}

/// <summary>What a torrent may have.</summary>
/// <param name="MostBytes">Of the files that are read, together.</param>
/// <param name="MostFiles">Files that are listed.</param>
internal sealed record TorrentLimits(long MostBytes, int MostFiles);
