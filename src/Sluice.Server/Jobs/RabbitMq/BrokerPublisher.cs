using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Sluice.Server.Catalog;

namespace Sluice.Server.Jobs.RabbitMq;

/// <summary>
/// Tells the broker what is pending, over a connection of its own: a broker without room stops reading from those that
/// publish, and acknowledgements must not stand behind that.
/// <code>
/// pending ─▶ published ─▶ confirmed      forgotten: the broker has it on disk
///    ▲           ├──────▶ refused        forgotten: it has as many as it may, so somebody will look
///    │           ├──────▶ no such queue  made anew, and told again
///    └───────────┴──────▶ not confirmed  told again on the next connection; perhaps twice, which changes nothing
/// </code>
/// A broker that says that it has no room is waited for: it confirms what it was sent when it has some.
/// </summary>
internal sealed class BrokerPublisher(BrokerLink link, BrokerQueues queues, string node, TimeProvider clock)
{
    /// <summary>How long a confirmation is waited for.</summary>
    public static readonly TimeSpan ConfirmPatience = TimeSpan.FromSeconds(5);

    /// <summary>A broker to which nothing was told for so long is asked whether it takes anything.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(2);

    /// <summary>Announcements that are unconfirmed at the same time.</summary>
    private const int Batch = 100;

    private static readonly CreateChannelOptions Confirmed = new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);

    private readonly PendingAnnouncements _pending = new();
    private volatile IConnection? _connection;
    private volatile bool _isTelling;
    private long _announced;
    private long _unconfirmed;
    private long _refused;

    /// <summary>How the connection is.</summary>
    public BrokerLink Link => link;

    /// <summary>All has been told.</summary>
    public bool IsIdle => _pending.IsEmpty && !_isTelling;

    /// <summary>Confirmed.</summary>
    public long Announced => Interlocked.Read(ref _announced);

    /// <summary>Not confirmed.</summary>
    public long Unconfirmed => Interlocked.Read(ref _unconfirmed);

    /// <summary>Refused.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Adds to what is pending; never blocks.</summary>
    public void Announce(Urgency urgency, int? tasks) => _pending.Add(urgency, tasks);

    /// <summary>Publishes until the end.</summary>
    public Task RunAsync(CancellationToken ct) => link.RunAsync(UseAsync, ct);

    /// <summary>Asks something of the broker, on a channel for it alone.</summary>
    /// <returns>Null when it cannot be asked.</returns>
    public async Task<T?> AskAsync<T>(Func<IChannel, CancellationToken, Task<T>> ask, CancellationToken ct) where T : class
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(ConfirmPatience);
        try
        {
            if (_connection is not { IsOpen: true } connection || link.Now.IsBlocked)
            {
                return null;
            }

            await using var channel = await connection.CreateChannelAsync(cancellationToken: patience.Token);
            return await ask(channel, patience.Token);
        }
        catch (Exception e) when (BrokerFaults.Is(e) && !ct.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task UseAsync(IConnection connection, CancellationToken ct)
    {
        try
        {
            var channel = await connection.CreateChannelAsync(Confirmed, ct); // Ends with its connection: a broker without room answers no goodbye.
            await queues.DeclareAsync(channel, ct);
            _connection = connection;
            await GreetAsync(channel, 2, ct);
            link.Up();
            while (channel.IsOpen)
            {
                var batch = await _pending.TakeAsync(Batch, LookInterval, clock, ct);
                await (batch.Count > 0 ? TellAsync(channel, batch, ct) : GreetAsync(channel, 1, ct));
                link.Up();
            }

            throw new BrokerLostException($"It closed the channel: {channel.CloseReason?.ReplyText}.");
        }
        finally
        {
            _connection = null;
        }
    }

    /// <summary>
    /// A broker lets itself be connected to without room, and says that it has none only to those that publish then (its guide, "Memory and Disk Alarms"). So it is
    /// sent something that is for nobody. The first may be confirmed all the same; a second one is only where it goes on reading after that.
    /// </summary>
    private Task GreetAsync(IChannel channel, int times, CancellationToken ct) => ConfirmedAsync(
        async patience =>
        {
            for (var i = 0; i < times; i++)
            {
                await channel.BasicPublishAsync("", queues.Nobody, mandatory: false, new BasicProperties(), ReadOnlyMemory<byte>.Empty, patience);
            }
        },
        ct);

    /// <summary>Waits for what the broker is to confirm, and as long as it says that it has no room.</summary>
    /// <exception cref="TimeoutException">It confirms nothing, and does not say why.</exception>
    private async Task ConfirmedAsync(Func<CancellationToken, Task> tell, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var telling = tell(patience.Token);
        while (!telling.IsCompleted)
        {
            var wasBlocked = link.Now.IsBlocked;
            await Task.WhenAny(telling, Task.Delay(ConfirmPatience, patience.Token));
            if (!telling.IsCompleted && !wasBlocked && !link.Now.IsBlocked)
            {
                break;
            }
        }

        await patience.CancelAsync();
        try
        {
            await telling;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new TimeoutException();
        }
    }

    private async Task TellAsync(IChannel channel, IReadOnlyList<BrokerMessage> batch, CancellationToken ct)
    {
        _isTelling = true;
        var told = new Outcome[batch.Count];
        try
        {
            await ConfirmedAsync(
                async patience =>
                {
                    await Task.WhenAll(batch.Select(async (message, i) => told[i] = await TellAsync(channel, message, patience)));
                    if (told.Contains(Outcome.NoQueue))
                    {
                        await queues.DeclareAsync(channel, patience);
                    }
                },
                ct);
        }
        finally
        {
            Interlocked.Add(ref _announced, told.Count(one => one == Outcome.Confirmed));
            Interlocked.Add(ref _refused, told.Count(one => one == Outcome.Refused));
            Interlocked.Add(ref _unconfirmed, told.Count(one => one == Outcome.Unconfirmed));
            _pending.PutBack(batch.Where((_, i) => told[i] is Outcome.Unconfirmed or Outcome.NoQueue));
            _isTelling = false;
        }
    }

    private async Task<Outcome> TellAsync(IChannel channel, BrokerMessage message, CancellationToken ct)
    {
        try
        {
            await channel.BasicPublishAsync(
                "", queues.Of(message.Urgency), mandatory: true, message.ToProperties(node, clock.GetUtcNow()), ReadOnlyMemory<byte>.Empty, ct);
            return Outcome.Confirmed;
        }
        catch (PublishException e)
        {
            return e.IsReturn ? Outcome.NoQueue : Outcome.Refused;
        }
    }

    private enum Outcome
    {
        Unconfirmed,
        Confirmed,
        Refused,
        NoQueue,
    }
}
