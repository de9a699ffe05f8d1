using System.IO.Pipelines;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Live.Channels;
using Sluice.Server.Nodes;
using Sluice.Server.Outbound;

namespace Sluice.Server.Live.Relay;

/// <summary>
/// Whose turn it is to pull a channel, when several servers show it: one has it by lease and pulls, the others relay from that one.
/// <code>
///   first viewer here ──▶ is it anybody's? ── no ──▶ this server's: the upstream is pulled     given back with its last viewer, here or there
///                              │ yes                                  └ another has it: moved
///                              └──▶ relayed from its owner, one hop ──▶ breaks off, or is given back: moved
///   moved ──▶ whoever comes next begins again at the top; an owner that died is replaced when its lease is over
/// </code>
/// </summary>
internal sealed partial class ChannelTurns(Holds holds, NodePass pass, OutboundFetcher outbound, TimeProvider clock, ILogger<ChannelTurns> logger)
{
    /// <summary>A lease without a sign of life is over after that.</summary>
    internal static readonly TimeSpan Length = TimeSpan.FromSeconds(6);

    /// <summary>An owner that sends nothing for so long, not even a sign of life, is taken for dead.</summary>
    private static readonly TimeSpan Silence = 4 * RelaySender.Pulse;

    /// <summary>Between two looks at whose it is.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Shows a channel, from its upstream or from the server that has it.</summary>
    /// <param name="run">What is to be shown where.</param>
    /// <param name="ct">Ends it.</param>
    public async Task<(FeedEnding Ending, string Reason)> RunAsync(IChannelTurn run, CancellationToken ct)
    {
        var name = $"channel {run.Name}";
        while (true)
        {
            var reason = "another server shows it and cannot be reached";
            try
            {
                await using var hold = await holds.TryTakeAsync(name, Length, ct, isLasting: true);
                if (hold is not null)
                {
                    return await OwnAsync(run, hold, ct);
                }

                if (await holds.HolderAsync(name, ct) is { Address: { } address } && await RelayAsync(run, address, ct) is { } end)
                {
                    return end;
                }
            }
            catch (CatalogUnreachableException)
            {
                reason = "the catalog cannot be reached, which says who shows it";
            }

            run.Wait(reason);
            await Task.Delay(Pause, clock, ct);
        }
    }

    private static async Task<(FeedEnding Ending, string Reason)> OwnAsync(IChannelTurn run, Hold hold, CancellationToken ct)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, hold.Lost);
        try
        {
            return await run.OwnAsync(both.Token);
        }
        catch (OperationCanceledException) when (hold.Lost.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            return (FeedEnding.Moved, "Another server shows it now.");
        }
    }

    /// <summary>Shows what another server shows.</summary>
    /// <returns>How it ended; null when it did not begin.</returns>
    private async Task<(FeedEnding Ending, string Reason)?> RelayAsync(IChannelTurn run, Uri address, CancellationToken ct)
    {
        var path = RelayEndpoints.PathOf(run.Name);
        if (!OutboundUrl.TryParse(new Uri(address, path).AbsoluteUri, out var url) || Allowance.Of(url) is not { } allowed)
        {
            return null;
        }

        var mirror = new RelayMirror(run.Feed, run);
        try
        {
            using var fetcher = outbound.Allowing([allowed]);
            await using var response = await fetcher.SendAsync(
                new OutboundRequest(url)
                {
                    IsDirect = true,
                    Headers = [KeyValuePair.Create(NodePass.Header, pass.For(HttpMethods.Get, path))],
                    Limits = new OutboundLimits { Header = Silence, Idle = Silence },
                },
                ct);
            if (response.Status != StatusCodes.Status200OK)
            {
                return null;
            }

            run.Relay(url);
            var ending = await mirror.RunAsync(PipeReader.Create(response.Body, new StreamPipeReaderOptions(bufferSize: LogBlock.Room)), ct);
            return ending == FeedEnding.Ended
                ? (FeedEnding.Ended, "It was shown to its end.")
                : (FeedEnding.Moved, "The server that showed it does so no more.");
        }
        catch (Exception e) when (e is OutboundException or InvalidDataException or IOException)
        {
            Log.Broken(logger, run.Name, url, e.Message);
            return mirror.HasBegun ? (FeedEnding.Moved, "The server that showed it has gone.") : null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "Channel {Name} cannot be had from {Url} any more: {Reason}")]
        public static partial void Broken(ILogger logger, string name, OutboundUrl url, string reason);
    }
}

/// <summary>A channel that runs here, as <see cref="ChannelTurns"/> see it.</summary>
internal interface IChannelTurn : IUpstreamWatch
{
    /// <summary>Of the channel.</summary>
    string Name { get; }

    /// <summary>Where it goes.</summary>
    LiveFeed Feed { get; }

    /// <summary>Pulls the upstream, as its one owner, until that is over.</summary>
    Task<(FeedEnding Ending, string Reason)> OwnAsync(CancellationToken ct);

    /// <summary>It is relayed from another server.</summary>
    void Relay(OutboundUrl from);

    /// <summary>Nothing is shown yet.</summary>
    void Wait(string reason);
}
