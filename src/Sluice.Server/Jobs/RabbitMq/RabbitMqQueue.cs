using Sluice.Server.Catalog;

namespace Sluice.Server.Jobs.RabbitMq;

/// <summary>
/// Announcements between processes, over a RabbitMQ broker.
/// <code>
/// Announce ─▶ pending ─▶ publisher ═▶ quorum queue ═▶ consumer ─▶ waiting room ─▶ lane ─▶ task ─▶ acknowledged
///                └─ no broker: the lanes of this process are told, and all lanes look every <see cref="PollInterval"/>
/// </code>
/// </summary>
internal sealed class RabbitMqQueue(BrokerPublisher publisher, BrokerConsumer? consumer, DeadLetterReader dead, BrokerQueues queues, WaitingRoom room)
    : IJobQueue, IBroker, IHostedLifecycleService, IDisposable
{
    /// <summary>How often each lane looks in the catalog while the broker cannot tell it of work.</summary>
    public static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LastWordsLook = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _end = new();
    private Task _running = Task.CompletedTask;
    private int _isDisposed;

    /// <inheritdoc />
    public BrokerStatus Status
    {
        get
        {
            var (publishes, listens) = (publisher.Link.Now, consumer?.Link.Now);
            return new BrokerStatus(
                publishes.IsUp, listens?.IsUp, publishes.Trouble ?? listens?.Trouble,
                publishes.Since > listens?.Since || listens is null ? publishes.Since : listens.Value.Since)
            {
                IsBlocked = publishes.IsBlocked,
                Announced = publisher.Announced,
                Unconfirmed = publisher.Unconfirmed,
                Refused = publisher.Refused,
                Received = consumer?.Received ?? 0,
                Losses = publisher.Link.Losses + (consumer?.Link.Losses ?? 0),
            };
        }
    }

    /// <summary>Nothing is left to be told to the broker.</summary>
    public bool IsAllTold => publisher.IsIdle;

    /// <inheritdoc />
    public void Announce(Urgency urgency, int? tasks = null)
    {
        publisher.Announce(urgency, tasks);
        if (!Status.IsConnected)
        {
            room.Offer(urgency, Unheard.More, onlyOne: true);
        }
    }

    /// <inheritdoc />
    public void AnnounceHere(Urgency urgency) => room.Offer(urgency, Unheard.One, onlyOne: false);

    /// <inheritdoc />
    public async Task<Announcement> WaitAsync(Urgency least, TimeSpan atMost, CancellationToken ct)
    {
        var isPolling = !Status.IsConnected && atMost > PollInterval;
        return await room.WaitAsync(least, isPolling ? PollInterval : atMost, ct) ?? Unheard.One;
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<QueueDepth>?> DepthsAsync(CancellationToken ct) => publisher.AskAsync(queues.DeclareAsync, ct);

    /// <inheritdoc />
    public Task<IReadOnlyList<DeadLetter>?> DeadLettersAsync(int most, CancellationToken ct) =>
        publisher.AskAsync((channel, patience) => dead.ReadAsync(channel, most, patience), ct);

    /// <inheritdoc />
    public async Task<int?> RemoveDeadLettersAsync(CancellationToken ct) =>
        await publisher.AskAsync(dead.RemoveAsync, ct) is { } removed ? (int)removed.MessageCount : null;

    /// <inheritdoc />
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _running = Task.WhenAll(publisher.RunAsync(_end.Token), consumer?.RunAsync(_end.Token) ?? Task.CompletedTask);
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Takes no more work. What is in work is still answered, and requests that end may still announce.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken) => consumer?.CloseAsync() ?? Task.CompletedTask;

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>After everybody else has ended.</summary>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(LastWords);
        while (publisher.Link.Now.IsUp && !IsAllTold && !patience.IsCancellationRequested)
        {
            await Task.Delay(LastWordsLook, CancellationToken.None);
        }

        await _end.CancelAsync();
        await _running;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0) // Registered as several services, it is disposed of as often.
        {
            _end.Cancel();
            _end.Dispose();
            consumer?.Dispose();
        }
    }

    /// <summary>What the broker knows nothing of.</summary>
    private sealed class Unheard(bool more) : Announcement
    {
        /// <summary>A look of one's own: what there is more is announced by <see cref="WorkSweeper"/>.</summary>
        public static readonly Unheard One = new(more: false);

        /// <summary>There is work, and no broker to say so.</summary>
        public static readonly Unheard More = new(more: true);

        public override bool MayBeMore => more;

        public override void End()
        {
        }

        public override void GiveBack()
        {
        }
    }
}
