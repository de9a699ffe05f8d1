using System.Collections.Concurrent;
using Sluice.Server.Hosting;

namespace Sluice.Server.Torrents.Engine;

/// <summary>A sidecar, and the torrents that it was told of.</summary>
internal sealed class EngineRun : IAsyncDisposable
{
    private readonly Func<IReadOnlyDictionary<string, Torrent>> _torrents;
    private readonly ConcurrentDictionary<string, bool> _begun = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private EngineRun(Func<IReadOnlyDictionary<string, Torrent>> torrents) => _torrents = torrents;

    /// <summary>The process.</summary>
    public required Sidecar Sidecar { get; init; }

    /// <summary>Ends when there is another run, or will be none.</summary>
    public Task Over => _over.Task;

    /// <summary>Starts it.</summary>
    /// <param name="facts">What it runs on.</param>
    /// <param name="options">Whom it may speak to, and how much.</param>
    /// <param name="torrents">Those that are open, by key.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="SidecarGoneException">It ended at once.</exception>
    public static async Task<EngineRun> StartAsync(
        EngineFacts facts, SluiceOptions options, Func<IReadOnlyDictionary<string, Torrent>> torrents, CancellationToken ct)
    {
        EngineRun? run = null;
        var sidecar = await Sidecar.StartAsync(facts.Python, SettingsOf(options), frame => run!.Take(frame), ct);
        return run = new EngineRun(torrents) { Sidecar = sidecar };
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
        if (_torrents().GetValueOrDefault(news.Torrent!) is not { } torrent)
        {
            return;
        }

        switch (news.Event)
        {
            case "status":
                torrent.Heard(news.Status());
                break;
            case "metadata":
                _ = BecomeAsync(torrent, frame.Payload);
                break;
            case "failed" when news.Reason is { } reason:
                torrent.Fail(reason);
                break;
        }
    }

    /// <summary>Peers told what a torrent is. Only now it is known whether others that are looked for are the same under its other hash: the one that
    /// was asked for first goes on.</summary>
    private async Task BecomeAsync(Torrent told, byte[] info)
    {
        var first = _torrents().Values.Where(t => t.IsSought && t.Link.Hash.IsOf(info)).Append(told).MinBy(t => t.Number)!;
        var isTaken = first.TryTake(info);

        // Looked for anew, with who came meanwhile; who comes from here on is told that it is open.
        foreach (var other in _torrents().Values.Where(t => t != first && t.IsSought && t.Link.Hash.IsOf(info)))
        {
            if (!isTaken)
            {
                other.TryTake(info); // It is refused in the same words.
            }
            else
            {
                other.Fail("The same torrent is open already, under its other hash.", TorrentFailure.OpenAlready);
            }

            await TellAsync(other, null);
        }

        await TellAsync(first, isTaken ? first.Beginning : null);
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
