using System.Collections.Immutable;
using Sluice.Server.Torrents.Engine;

namespace Sluice.Server.Torrents;

/// <summary>
/// All torrents of this server, in one process of their own. It is started for the first torrent, kept alive by <see cref="EngineLife"/>, and
/// ended half a minute after the last.
/// </summary>
internal sealed partial class TorrentEngine : IAsyncDisposable
{
    private static readonly TimeSpan IdleLife = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ForgetTime = TimeSpan.FromSeconds(10);

    private readonly EngineTools _tools;
    private readonly Lock _gate = new();
    private readonly ITimer _idle;
    private volatile ImmutableDictionary<string, Torrent> _torrents = ImmutableDictionary<string, Torrent>.Empty;
    private EngineLife? _life;
    private Task _ending = Task.CompletedTask;
    private long _lastNumber;
    private bool _isDisposed;

    public TorrentEngine(EngineTools tools)
    {
        _tools = tools;
        _idle = tools.Clock.CreateTimer(
            static engine => ((TorrentEngine)engine!).EndWhenIdle(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Process id of the engine; null when none runs.</summary>
    public int? ProcessId => _life?.Current is { IsCompletedSuccessfully: true, Result.Sidecar: { HasEnded: false } sidecar } ? sidecar.ProcessId : null;

    /// <summary>Makes sure that this server has what torrents need. Nothing is started.</summary>
    /// <exception cref="TorrentException">It has not; the message says what can be done.</exception>
    public async Task RequireAsync(CancellationToken ct)
    {
        RequireEnabled();
        if ((await _tools.Program.CheckAsync(ct)).MissingReason is { } missing)
        {
            throw new TorrentException(missing) { Failure = TorrentFailure.NoEngine };
        }
    }

    /// <summary>Opens a torrent. Dispose of it.</summary>
    /// <param name="link">What a person gave.</param>
    /// <param name="folder">Full path of a folder of its own, which is made, and deleted with the torrent.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="TorrentException">It is refused, or there is no engine; the message says why and what can be done.</exception>
    public async Task<Torrent> AddAsync(TorrentLink link, string folder, CancellationToken ct)
    {
        var (torrent, life) = Enter(link, folder);
        try
        {
            MakeFolder(folder);
            while (true)
            {
                var run = await life.Current.WaitAsync(ct);
                try
                {
                    await run.BeginAsync(torrent);
                    return torrent;
                }
                catch (SidecarGoneException)
                {
                    await run.Over.WaitAsync(ct);
                }
            }
        }
        catch
        {
            await RemoveAsync(torrent);
            throw;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
        }

        foreach (var torrent in _torrents.Values)
        {
            await RemoveAsync(torrent);
        }

        await _idle.DisposeAsync();
        await _ending;
        await (_life?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    /// <summary>Asks the engine; as often as it takes, should it die meanwhile.</summary>
    /// <exception cref="TorrentException">It cannot do that, or there is none any more.</exception>
    internal async Task<byte[]> AskAsync(SidecarCommand question, CancellationToken ct)
    {
        while (true)
        {
            var life = _torrents.ContainsKey(question.Torrent!) ? _life : null;
            var run = await (life ?? throw new TorrentException("The torrent was closed.")).Current.WaitAsync(ct);
            try
            {
                return await run.Sidecar.AskAsync(question, ct);
            }
            catch (SidecarGoneException)
            {
                await run.Over.WaitAsync(ct);
            }
        }
    }

    /// <summary>Forgets a torrent and deletes what came of it; nothing happens the second time.</summary>
    internal async ValueTask RemoveAsync(Torrent torrent)
    {
        EngineLife? life;
        lock (_gate)
        {
            if (!_torrents.ContainsKey(torrent.Key))
            {
                return;
            }

            (_torrents, life) = (_torrents.Remove(torrent.Key), _life);
            if (_torrents.IsEmpty && !_isDisposed)
            {
                _idle.Change(IdleLife, Timeout.InfiniteTimeSpan);
            }
        }

        torrent.Fail("The torrent was closed.");
        if (life?.Current is { IsCompletedSuccessfully: true } current)
        {
            await (await current).ForgetAsync(torrent.Key, ForgetTime);
        }

        try
        {
            if (Directory.Exists(torrent.Folder))
            {
                Directory.Delete(torrent.Folder, recursive: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.NotDeleted(_tools.Logger, torrent.Folder, e); // It is closed all the same.
        }
    }

    private (Torrent Torrent, EngineLife Life) Enter(TorrentLink link, string folder)
    {
        RequireEnabled();
        var options = _tools.Options.Torrents;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_torrents.Values.Any(other => other.Hash.IsThatOf(link.Hash)))
            {
                throw new TorrentException("This torrent is open already.") { Failure = TorrentFailure.OpenAlready };
            }

            var torrent = new Torrent(this, ++_lastNumber, link, folder, new TorrentLimits(options.MostBytes, options.MostFiles));
            if (torrent.Status is { State: TorrentState.Failed, Problem: { } problem })
            {
                throw new TorrentException(problem) { Failure = TorrentFailure.Refused };
            }

            _idle.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _torrents = _torrents.Add(torrent.Key, torrent);
            _life = _life is { IsOver: false } life ? life : new EngineLife(_tools, () => _torrents);
            return (torrent, _life);
        }
    }

    private void RequireEnabled()
    {
        if (!_tools.Options.Torrents.Enabled)
        {
            throw new TorrentException("Torrents are switched off on this server (torrents.enabled).") { Failure = TorrentFailure.NoEngine };
        }
    }

    private void EndWhenIdle()
    {
        lock (_gate)
        {
            if (_torrents.IsEmpty && _life is { } life && !_isDisposed)
            {
                _ending = EndAsync(_ending, life);
                _life = null;
            }
        }

        static async Task EndAsync(Task before, EngineLife life)
        {
            await before;
            await life.DisposeAsync();
        }
    }

    /// <summary>For nobody else's eyes.</summary>
    private static void MakeFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "What came of a torrent cannot be deleted: {Folder}")]
        public static partial void NotDeleted(ILogger logger, string folder, Exception problem);
    }
}
