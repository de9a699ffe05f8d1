using System.Collections.Concurrent;
using Sluice.Server.Hosting;

namespace Sluice.Server.Torrents.Engine;

/// <summary>A sidecar, and the torrents that it was told of.</summary>
internal sealed class EngineRun : IAsyncDisposable
{
    private readonly Func<string, Torrent?> _find;
    private readonly ConcurrentDictionary<string, bool> _begun = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private EngineRun(Func<string, Torrent?> find) => _find = find;

    /// <summary>The process.</summary>
    public required Sidecar Sidecar { get; init; }

    /// <summary>Ends when there is another run, or will be none.</summary>
    public Task Over => _over.Task;

    /// <summary>Starts it.</summary>
    /// <param name="facts">What it runs on.</param>
    /// <param name="options">Whom it may speak to, and how much.</param>
    /// <param name="find">The torrent of a key, when it is still open.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="SidecarGoneException">It ended at once.</exception>
    public static async Task<EngineRun> StartAsync(EngineFacts facts, SluiceOptions options, Func<string, Torrent?> find, CancellationToken ct)
    {
        EngineRun? run = null;
        var sidecar = await Sidecar.StartAsync(facts.Python, SettingsOf(options), frame => run!.Take(frame), ct);
        return run = new EngineRun(find) { Sidecar = sidecar };
    }

    /// <summary>Tells it of a torrent, once.</summary>
    /// <exception cref="SidecarGoneException">It has ended.</exception>
    public async Task BeginAsync(Torrent torrent)
    {
        if (torrent.Beginning is { } beginning && _begun.TryAdd(torrent.Key, true))
        {
            await Sidecar.TellAsync(beginning, CancellationToken.None);
            torrent.Knows(beginning);
        }
    }

    /// <summary>Has it forget a torrent and delete its files.</summary>
    public async Task ForgetAsync(string key, TimeSpan patience)
    {
        if (_begun.TryRemove(key, out _))
        {
            using var limit = new CancellationTokenSource(patience);
            try
            {
                await Sidecar.AskAsync(SidecarCommand.Remove(key), limit.Token);
            }
            catch (Exception e) when (e is SidecarGoneException or TorrentException or OperationCanceledException)
            {
                // Whoever forgets it deletes its folder next; one that is gone writes nothing more there.
            }
        }
    }

    /// <summary>Torrents that it was told of.</summary>
    public IEnumerable<string> Begun => _begun.Keys;

    /// <summary>Those who asked it may ask another.</summary>
    public void MarkOver() => _over.TrySetResult();

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Sidecar.DisposeAsync();
        MarkOver();
    }

    private static SidecarSettings SettingsOf(SluiceOptions options)
    {
        var torrents = options.Torrents;
        return new SidecarSettings(
            torrents.Listen ?? "0.0.0.0:0,[::]:0", torrents.Listen is not null, PeerFilter.Of(options.Outbound), torrents.MostPeers, torrents.UploadRate, torrents.Dht);
    }

    private void Take(SidecarFrame frame)
    {
        var news = frame.Event;
        if (_find(news.Torrent!) is not { } torrent)
        {
            return;
        }

        switch (news.Event)
        {
            case "status":
                torrent.Heard(news.Status());
                break;
            case "metadata":
                _ = TellAsync(torrent, torrent.TryTake(frame.Payload) ? torrent.Beginning : null);
                break;
            case "failed" when news.Reason is { } reason:
                torrent.Fail(reason);
                break;
        }
    }

    /// <summary>Tells it how a torrent begins, or to forget it; when it has ended, its successor is told everything.</summary>
    private async Task TellAsync(Torrent torrent, SidecarCommand? beginning)
    {
        var command = beginning ?? SidecarCommand.Remove(torrent.Key) with { Id = 0 };
        try
        {
            await Sidecar.TellAsync(command, CancellationToken.None);
            torrent.Knows(command);
        }
        catch (SidecarGoneException)
        {
            // See above.
        }
    }
}
