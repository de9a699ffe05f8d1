using System.IO.Pipelines;
using Sluice.Server.Live.Channels;
using Sluice.Server.Live.Output;

namespace Sluice.Server.Live.Relay;

/// <summary>
/// Sends all of a feed to another node, from the oldest segment that stays for a while, until the feed is over.
/// <code>
///   numbers, tracks ──▶ init segments ──▶ bytes of each log ──▶ what the index says of those bytes ──▶ waits for the next change
/// </code>
/// What the index says comes behind its bytes, so that the other side never lists what it does not have.
/// </summary>
internal sealed class RelaySender(LiveFeed feed, PipeWriter to, TimeProvider clock) : IDisposable
{
    /// <summary>A sign of life comes at least so often.</summary>
    internal static readonly TimeSpan Pulse = TimeSpan.FromSeconds(1);

    private readonly List<RelayLog> _logs = [new RelayLog(0, feed.Ts)];
    private RelayFeed? _feed;
    private (IReadOnlyList<LiveTrack> All, IReadOnlyList<LiveTrack> Past) _tracks = ([], []);

    /// <summary>Bytes of logs that were sent.</summary>
    public long Bytes { get; private set; }

    /// <summary>Sends until the feed is over, or the other side is so slow that what comes next is there no more.</summary>
    /// <returns>False when the other side was too slow.</returns>
    /// <exception cref="OperationCanceledException">The other side has gone.</exception>
    public async Task<bool> SendAsync(CancellationToken ct)
    {
        while (true)
        {
            // The order matters: what comes after these is sent now, or completes what is waited for.
            var changes = _logs.SelectMany(static log => log.Changes()).ToList();
            var ending = feed.Ending;
            SendFeed();
            var hasMore = false;
            foreach (var log in _logs)
            {
                var index = log.Index;
                if (MapsOf(log) is { } maps)
                {
                    log.SendMaps(to, maps);
                }

                while (log.TrySend(to, out var count))
                {
                    Bytes += count;
                    await FlushAsync(ct);
                }

                if (log.HasFallen)
                {
                    return false;
                }

                hasMore |= !log.SendIndex(to, index);
            }

            if (ending is { } why && !hasMore)
            {
                RelayFrames.Write(to, RelayKind.End, [(byte)why], []);
                await FlushAsync(ct);
                return true;
            }

            await FlushAsync(ct);
            var alive = Task.Delay(Pulse, clock, ct);
            if (await Task.WhenAny([.. changes, alive]) == alive)
            {
                ct.ThrowIfCancellationRequested();
                RelayFrames.Write(to, RelayKind.Alive, [], []);
            }
        }
    }

    /// <inheritdoc />
    public void Dispose() => _logs.ForEach(static log => log.Dispose());

    private void SendFeed()
    {
        var now = new RelayFeed(feed.First.Segment, feed.First.Discontinuity, feed.TargetDuration.Ticks, feed.TsProblem);
        if (now != _feed)
        {
            RelayFrames.Write(to, RelayKind.Feed, _feed = now, RelayJson.Default.RelayFeed);
        }

        var (all, past) = (feed.Tracks.All, feed.Tracks.Past);
        if (!ReferenceEquals(all, _tracks.All) || !ReferenceEquals(past, _tracks.Past))
        {
            _tracks = (all, past);
            RelayTrack[] tracks = [.. all.Select(track => Describe(track, isPast: false)), .. past.Select(track => Describe(track, isPast: true))];
            RelayFrames.Write(to, RelayKind.Tracks, tracks, RelayJson.Default.RelayTrackArray);
        }
    }

    private RelayTrack Describe(LiveTrack track, bool isPast)
    {
        var log = _logs.Find(known => known.Is(track.Log));
        if (log is null)
        {
            log = new RelayLog(_logs.Count, track.Log);
            _logs.Add(log);
        }

        var shares = (int)(track.Log.FullBytes * ChannelMemory.Shares / feed.Memory.BudgetBytes);
        return new RelayTrack(
            track.Name, log.Number, shares, track.Maps is not null, isPast, track.From, track.Above.Segment, track.Above.Discontinuity)
        {
            Codecs = track.Codecs,
            Width = track.Resolution?.Width,
            Height = track.Resolution?.Height,
            Language = track.Language,
            Label = track.Label,
        };
    }

    private LiveMaps? MapsOf(RelayLog log) => _tracks.All.Concat(_tracks.Past).FirstOrDefault(track => log.Is(track.Log))?.Maps;

    private async ValueTask FlushAsync(CancellationToken ct)
    {
        if ((await to.FlushAsync(ct)).IsCompleted)
        {
            throw new OperationCanceledException("The other side has gone.");
        }
    }
}
