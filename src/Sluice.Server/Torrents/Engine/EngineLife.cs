using Sluice.Server.Hosting;

namespace Sluice.Server.Torrents.Engine;

/// <summary>What a torrent engine needs.</summary>
/// <param name="Options">Whom it may speak to, and how much.</param>
/// <param name="Program">What it runs on.</param>
/// <param name="Clock">Time.</param>
/// <param name="Logger">Is told how it fares.</param>
internal sealed record EngineTools(SluiceOptions Options, EngineProgram Program, TimeProvider Clock, ILogger Logger);

/// <summary>
/// Keeps an engine alive as long as there are torrents.
/// <code>
/// start ─▶ tell it of every torrent ─▶ runs ─ dies ─▶ pause ─▶ start …
///   └ no Python with libtorrent: over         └ five times in a row: over, with the reason
/// </code>
/// </summary>
internal sealed partial class EngineLife : IAsyncDisposable
{
    private const int MostFailures = 5;

    /// <summary>One that has lived so long did not die of how it was started.</summary>
    private static readonly TimeSpan SoundLife = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ForgetTime = TimeSpan.FromSeconds(10);

    private readonly EngineTools _tools;
    private readonly Func<IReadOnlyDictionary<string, Torrent>> _torrents;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _living;
    private volatile TaskCompletionSource<EngineRun> _current = NewRun();

    /// <param name="tools">What it needs.</param>
    /// <param name="torrents">Those that are open.</param>
    public EngineLife(EngineTools tools, Func<IReadOnlyDictionary<string, Torrent>> torrents)
    {
        (_tools, _torrents) = (tools, torrents);
        _living = Task.Run(LiveAsync, CancellationToken.None);
    }

    /// <summary>There will be no engine any more.</summary>
    public bool IsOver => _living.IsCompleted;

    /// <summary>The run that is going on, or what follows.</summary>
    /// <exception cref="TorrentException">There will be none.</exception>
    public Task<EngineRun> Current => _current.Task;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _living;
        _stopping.Dispose();
    }

    private async Task LiveAsync()
    {
        var failures = 0;
        var reason = "";
        while (failures < MostFailures && !_stopping.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(failures == 0 ? TimeSpan.Zero : FirstPause * (1 << failures), _tools.Clock, _stopping.Token);
                var started = _tools.Clock.GetTimestamp();
                reason = await RunAsync();
                failures = _tools.Clock.GetElapsedTime(started) > SoundLife ? 1 : failures + 1;
                Log.Died(_tools.Logger, reason);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e) // Whatever it is: those who wait are told.
            {
                _current.TrySetException(e is TorrentException ? e : new TorrentException("The torrent engine cannot be started.", e));
                _ = _current.Task.Exception;
                return;
            }
        }

        var end = _stopping.IsCancellationRequested ? "The torrent was closed." : $"The torrent engine does not stay up: {reason}.";
        if (!_stopping.IsCancellationRequested)
        {
            Log.GivenUp(_tools.Logger, reason);
        }

        _current.TrySetException(new TorrentException(end));
        _ = _current.Task.Exception; // Perhaps nobody waits for it.
    }

    /// <summary>One run, from its start to its death.</summary>
    /// <returns>What it died of.</returns>
    private async Task<string> RunAsync()
    {
        var (facts, missing) = await _tools.Program.CheckAsync(_stopping.Token);
        if (facts is null)
        {
            throw new TorrentException(missing!) { Failure = TorrentFailure.NoEngine };
        }

        EngineRun? run = null;
        try
        {
            run = await EngineRun.StartAsync(facts, _tools.Options, _torrents, _stopping.Token);
            Log.Started(_tools.Logger, facts.Version);
            foreach (var torrent in _torrents().Values)
            {
                await run.BeginAsync(torrent);
            }

            _current.TrySetResult(run);
            await ForgetClosedAsync(run);
            await run.Sidecar.Ended.WaitAsync(_stopping.Token);
            return run.Sidecar.EndReason ?? "it has ended";
        }
        catch (SidecarGoneException e)
        {
            return e.Message;
        }
        finally
        {
            if (run is not null)
            {
                _current = _current.Task.IsCompleted ? NewRun() : _current;
                await run.DisposeAsync();
                foreach (var torrent in _torrents().Values)
                {
                    torrent.Lost();
                }
            }
        }
    }

    /// <summary>Torrents that were closed while it was told of them.</summary>
    private async Task ForgetClosedAsync(EngineRun run)
    {
        var open = _torrents();
        foreach (var key in run.Begun.Where(key => !open.ContainsKey(key)))
        {
            await run.ForgetAsync(key, ForgetTime);
        }
    }

    private static TaskCompletionSource<EngineRun> NewRun() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "Torrent engine started, libtorrent {Version}")]
        public static partial void Started(ILogger logger, string version);

        [LoggerMessage(Level = LogLevel.Warning, Message = "The torrent engine has died: {Reason}")]
        public static partial void Died(ILogger logger, string reason);

        [LoggerMessage(Level = LogLevel.Error, Message = "The torrent engine does not stay up and is given up: {Reason}")]
        public static partial void GivenUp(ILogger logger, string reason);
    }
}
