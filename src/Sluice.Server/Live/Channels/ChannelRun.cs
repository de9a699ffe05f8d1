using Sluice.Server.Hosting;
using Sluice.Server.Live.Fragments;
using Sluice.Server.Live.Relay;
using Sluice.Server.Outbound;

namespace Sluice.Server.Live.Channels;

/// <summary>
/// A channel while it runs: one feed, from one upstream at a time.
/// <code>
/// 1 try      the first URL, with all places that it names; then the next, when that one breaks
/// 2 round    after the last one: a pause, longer each time that nothing came, and the first again
/// 3 over     nobody watches; or a film has ended; or nothing came at all in the first round
/// </code>
/// It stays with what it has found until that breaks: to go back to the first URL would disturb everybody a second time.
/// </summary>
internal sealed partial class ChannelRun : IChannelTurn, IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>Rounds that say nothing but that the channel has ended, until that is believed: some encoders say so when they are started anew.</summary>
    private const int MostEndedRounds = 4;

    private readonly ChannelDefinition _definition;
    private readonly ChannelTools _tools;
    private readonly ChannelMeter _meter;
    private readonly Action<ChannelRun, FeedEnding, string?> _over;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ChannelUpstreams _upstreams;
    private readonly HashSet<int> _mistaken = [];
    private Task _running = Task.CompletedTask;
    private Task _cancelling = Task.CompletedTask;
    private FeedEnding _stop = FeedEnding.Released;
    private int _index;
    private bool _hasCome;
    private string? _lastUrl;
    private string _left = "";

    /// <param name="definition">What is to be shown.</param>
    /// <param name="tools">What it works with.</param>
    /// <param name="meter">Counts.</param>
    /// <param name="feed">Where it goes.</param>
    /// <param name="over">Is told when it ends by itself, and why, before those who wait are.</param>
    public ChannelRun(ChannelDefinition definition, ChannelTools tools, ChannelMeter meter, LiveFeed feed, Action<ChannelRun, FeedEnding, string?> over)
    {
        (_definition, _tools, _meter, Feed, _over) = (definition, tools, meter, feed, over);
        Sinks = new MediaSinks(feed, tools.Clock);
        _upstreams = new ChannelUpstreams(definition, tools, feed, Sinks, this);
        Phase = new ChannelPhase(ChannelState.Starting, null, tools.Clock.GetUtcNow());
    }

    /// <inheritdoc />
    public string Name => _definition.Name;

    /// <summary>What it shows.</summary>
    public LiveFeed Feed { get; }

    /// <summary>It pulls the upstream itself; false while that is not known, and when another server does.</summary>
    public bool IsOwn { get; private set; }

    /// <summary>Where segments go.</summary>
    public ISegmentSinks Sinks { get; }

    /// <summary>Completes when somebody who comes gets something, or fails with <see cref="ChannelException"/>.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Where it is.</summary>
    public ChannelPhase Phase { get; private set; }

    /// <summary>What is followed; null when nothing is.</summary>
    public UpstreamInUse? Upstream { get; private set; }

    /// <summary>Why nothing comes, when all upstreams were tried in vain; null otherwise.</summary>
    public string? Outage { get; private set; }

    /// <summary>Starts it.</summary>
    public void Start()
    {
        _meter.Attach(Sinks);
        _running = Task.Run(RunAsync, CancellationToken.None);
    }

    /// <summary>Ends it. Once.</summary>
    public void Stop(FeedEnding ending)
    {
        _stop = ending;
        _cancelling = _stopping.CancelAsync(); // What waits for it goes on elsewhere: whoever ends it may hold a lock.
    }

    /// <summary>Waits until nothing of it runs any more. It ends by itself, or by <see cref="Stop"/> before.</summary>
    public async ValueTask DisposeAsync()
    {
        await _running;
        await _cancelling;
        _stopping.Dispose();
    }

    /// <inheritdoc />
    public void Following(OutboundUrl playlist, UpstreamShape shape, string? before)
    {
        var url = playlist.ToString();
        if (_lastUrl is { } last && last != url)
        {
            _meter.Switched(new UpstreamSwitch(_tools.Clock.GetUtcNow(), before ?? _left, last, url));
            Log.Switched(_tools.Logger, _definition.Name, url, before ?? _left);
        }

        _lastUrl = url;
        Upstream = new UpstreamInUse(_index, url, shape.Variant, null);
        if (Feed.TargetDuration == TimeSpan.Zero)
        {
            Feed.TargetDuration = TimeSpan.FromSeconds(Math.Ceiling(PlaylistTracker.Bounded(shape.TargetDuration).TotalSeconds));
        }
    }

    /// <inheritdoc />
    public void Received(int bytes)
    {
        _meter.ReceivedBytes(bytes);
        _hasCome = true;
        if (Phase.State != ChannelState.Live && Feed.IsJoinable)
        {
            Outage = null;
            Enter(ChannelState.Live, null);
            _ready.TrySetResult();
        }
    }

    /// <inheritdoc />
    public void Ended(DownloadResult result) => _meter.Ended(result);

    /// <inheritdoc />
    public void Counted(TrackerCounts more)
    {
        _meter.Add(ChannelCounter.Missed, more.Missed);
        _meter.Add(ChannelCounter.Resets, more.Resets);
        _meter.Add(ChannelCounter.Lags, more.Lags);
        _meter.Add(ChannelCounter.Gaps, more.Gaps);
    }

    /// <inheritdoc />
    public async Task<(FeedEnding Ending, string Reason)> OwnAsync(CancellationToken ct)
    {
        IsOwn = true;
        using var own = _definition.Origin == ChannelOrigin.Configuration ? _tools.Outbound.Allowing(_upstreams.Allowances) : null;
        return await PlayAsync(own ?? _tools.Outbound, ct);
    }

    /// <inheritdoc />
    public void Relay(OutboundUrl from) => Upstream = new UpstreamInUse(0, from.ToString(), null, null);

    /// <inheritdoc />
    public void Wait(string reason) => Enter(Phase.State, Sentence(reason));

    private async Task RunAsync()
    {
        var (ending, reason) = (FeedEnding.Failed, "The server made a mistake; its log says more.");
        try
        {
            var ct = _stopping.Token;
            (ending, reason) = await (_tools.Turns is { } turns && _definition.Origin != ChannelOrigin.Session ? turns.RunAsync(this, ct) : OwnAsync(ct));
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            (ending, reason) = (_stop, "The channel was stopped.");
        }
        catch (Exception e)
        {
            Log.Mistake(_tools.Logger, _definition.Name, e);
        }

        Upstream = null;
        Empty();
        _meter.Detach(Sinks);

        // The channel knows of a failure before anybody can see it, so that whoever comes again starts nothing at once.
        if (ending is FeedEnding.Failed or FeedEnding.Moved)
        {
            _over(this, ending, reason);
            Feed.Finish(ending);
        }
        else
        {
            Feed.Finish(ending);
            _over(this, ending, reason);
        }

        _ready.TrySetException(new ChannelException(CodeOf(ending), reason));
        _ = _ready.Task.Exception; // Nobody may be waiting.
    }

    private static ErrorCode CodeOf(FeedEnding ending) => ending switch
    {
        FeedEnding.Stopped => ErrorCode.ChannelOff,
        FeedEnding.Moved => ErrorCode.ChannelWarming,
        _ => ErrorCode.UpstreamUnusable,
    };

    /// <summary>What still waits to be written goes out. Of a feed that ends by a mistake that may be the very thing that cannot be written.</summary>
    private void Empty()
    {
        try
        {
            Sinks.Complete();
        }
        catch (Exception e)
        {
            Log.Mistake(_tools.Logger, _definition.Name, e);
        }
    }

    private async Task<(FeedEnding Ending, string Reason)> PlayAsync(OutboundFetcher outbound, CancellationToken ct)
    {
        var (pause, endedRounds) = (FirstPause, 0);
        while (true)
        {
            var (reasons, hasCome, hasEnded) = (new List<string>(), false, true);
            for (_index = 0; _index < _definition.Urls.Count; _index++)
            {
                // :: Step 1: try
                _hasCome = false;
                var end = await TryAsync(_index, outbound, ct);
                if (end.IsFilm)
                {
                    return (FeedEnding.Ended, "It was shown to its end.");
                }

                _left = end.Reason ?? "it has ended";
                reasons.Add(_definition.Urls.Count == 1 ? Sentence(_left) : $"{_index + 1}: {Sentence(_left)}");
                (hasCome, hasEnded) = (hasCome || _hasCome, hasEnded && end.Reason is null);
                Leave();
            }

            // :: Step 3: over
            var reason = string.Join(' ', reasons);
            if (!_ready.Task.IsCompleted && !hasCome)
            {
                return (FeedEnding.Failed, reason);
            }

            endedRounds = hasEnded && !hasCome ? endedRounds + 1 : 0;
            if (endedRounds == MostEndedRounds)
            {
                return (FeedEnding.Ended, "The upstream says that the channel has ended.");
            }

            // :: Step 2: round
            Outage = hasCome ? null : reason;
            pause = hasCome ? FirstPause : pause;
            Enter(Phase.State, reason);
            await Task.Delay(pause, _tools.Clock, ct);
            pause = 2 * pause < LongestPause ? 2 * pause : LongestPause;
        }
    }

    /// <summary>What nobody thought of is a failure of the URL that it came from, and of no other.</summary>
    private async Task<UpstreamEnd> TryAsync(int index, OutboundFetcher outbound, CancellationToken ct)
    {
        try
        {
            return await _upstreams.FollowAsync(index, outbound, ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            if (_mistaken.Add(index))
            {
                Log.Poisoned(_tools.Logger, _definition.Name, index + 1, e);
            }

            Sinks.Abandon();
            return new UpstreamEnd("the server made a mistake with what it sends; its log says more");
        }
    }

    private void Leave()
    {
        Upstream = null;
        if (_hasCome)
        {
            _upstreams.Leave(_index);
        }

        Enter(_ready.Task.IsCompleted ? ChannelState.Retrying : ChannelState.Starting, Sentence(_left));
    }

    private void Enter(ChannelState state, string? reason) => Phase = new ChannelPhase(state, reason, _tools.Clock.GetUtcNow());

    private static string Sentence(string reason) => $"{char.ToUpperInvariant(reason[0])}{reason.AsSpan(1).TrimEnd('.')}.";

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "Channel {Name} goes on with {Url}: {Reason}")]
        public static partial void Switched(ILogger logger, string name, string url, string reason);

        [LoggerMessage(Level = LogLevel.Error, Message = "Channel {Name}: a mistake of ours with URL {Number}, which counts as one that failed; said once.")]
        public static partial void Poisoned(ILogger logger, string name, int number, Exception e);

        [LoggerMessage(Level = LogLevel.Error, Message = "Channel {Name} has ended by a mistake of ours.")]
        public static partial void Mistake(ILogger logger, string name, Exception e);
    }
}
