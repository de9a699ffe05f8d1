using System.Collections.Concurrent;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using Sluice.Server.Catalog;

namespace Sluice.Server.Jobs.RabbitMq;

/// <summary>
/// Takes announcements from the broker for the lanes of this process: of each queue no more at a time than there are lanes for it, so
/// that none lies here while a lane elsewhere is free.
/// </summary>
internal sealed partial class BrokerConsumer(
    BrokerLink link, BrokerQueues queues, LaneCounts lanes, WaitingRoom room, TimeProvider clock, ILogger logger) : IDisposable
{
    /// <summary>RabbitMQ ends a channel on which something stays unanswered for half an hour (consumer_timeout). A task may take longer: its
    /// message is ended before, and from there on its lease alone brings it back.</summary>
    public static readonly TimeSpan LongestHold = TimeSpan.FromMinutes(20);

    /// <summary>How often held messages are looked at, and what is idle takes anew: when a quorum queue is removed and made again under the
    /// same name, its consumers do not hear of it.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(20);

    private readonly ConcurrentDictionary<HeldMessage, bool> _held = new();
    private readonly CancellationTokenSource _closing = new();
    private long _received;

    /// <summary>How the connection is.</summary>
    public BrokerLink Link => link;

    /// <summary>Messages that came.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>Takes until the end.</summary>
    public Task RunAsync(CancellationToken ct) => link.RunAsync(UseAsync, ct);

    /// <summary>Takes no more, and gives back what nobody works on; what somebody works on is still answered.</summary>
    public async Task CloseAsync()
    {
        await _closing.CancelAsync();
        GiveBackKept();
    }

    /// <inheritdoc />
    public void Dispose() => _closing.Dispose();

    private async Task UseAsync(IConnection connection, CancellationToken ct)
    {
        if (_closing.IsCancellationRequested)
        {
            await Task.Delay(Timeout.Infinite, ct);
        }

        var broken = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var channels = new List<Subscription>();
        try
        {
            foreach (var (queue, most) in ((string, int)[])[(queues.Viewers, lanes.Urgent), (queues.Background, lanes.Background)])
            {
                if (most > 0)
                {
                    channels.Add(await SubscribeAsync(connection, queue, most, broken, ct));
                }
            }

            link.Up();
            await using var closing = _closing.Token.Register(() => _ = CancelAsync(channels));
            while (!broken.Task.IsCompleted)
            {
                await Task.WhenAny(broken.Task, Task.Delay(LookInterval, clock, ct));
                ct.ThrowIfCancellationRequested();
                foreach (var held in _held.Keys.Where(held => clock.GetUtcNow() - held.Since >= LongestHold))
                {
                    held.End();
                }

                if (_held.IsEmpty && !broken.Task.IsCompleted && !_closing.IsCancellationRequested)
                {
                    await RenewAsync(channels, ct);
                }
            }

            throw new BrokerLostException(await broken.Task);
        }
        finally
        {
            // What came on this connection the broker gives to others now.
            _held.Clear();
            room.Clear();
        }
    }

    private async Task<Subscription> SubscribeAsync(
        IConnection connection, string queue, int most, TaskCompletionSource<string> broken, CancellationToken ct)
    {
        var channel = await connection.CreateChannelAsync(cancellationToken: ct);
        channel.ChannelShutdownAsync += (_, reason) =>
        {
            broken.TrySetResult($"The broker ended the taking from {queue}: {reason.ReplyText}.");
            return Task.CompletedTask;
        };
        await queues.DeclareAsync(channel, ct);
        await channel.BasicQosAsync(0, (ushort)most, global: false, ct);
        return new Subscription(channel, queue) { Tag = await ConsumeAsync(channel, queue, ct) };
    }

    private async Task RenewAsync(List<Subscription> subscriptions, CancellationToken ct)
    {
        foreach (var subscription in subscriptions)
        {
            await subscription.Channel.BasicCancelAsync(subscription.Tag, cancellationToken: ct);
            await queues.DeclareAsync(subscription.Channel, ct);
            subscription.Tag = await ConsumeAsync(subscription.Channel, subscription.Queue, ct);
        }

        if (_closing.IsCancellationRequested)
        {
            await CancelAsync(subscriptions); // It came in between.
        }
    }

    private Task<string> ConsumeAsync(IChannel channel, string queue, CancellationToken ct)
    {
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) => TakeAsync(channel, delivery);
        return channel.BasicConsumeAsync(queue, autoAck: false, consumer, ct);
    }

    private async Task TakeAsync(IChannel channel, BasicDeliverEventArgs delivery)
    {
        Interlocked.Increment(ref _received);
        if (BrokerMessage.Read(delivery.BasicProperties) is not { } message)
        {
            Log.Foreign(logger, delivery.RoutingKey);
            await channel.BasicRejectAsync(delivery.DeliveryTag, requeue: false, delivery.CancellationToken);
            return;
        }

        var held = new HeldMessage(channel, delivery.DeliveryTag, message, clock.GetUtcNow(), answered => _held.TryRemove(answered, out _));
        if (_closing.IsCancellationRequested)
        {
            held.GiveBack();
            return;
        }

        _held[held] = true;

        // By its queue: a message of the background's must not take the place of one that somebody waits for.
        room.Offer(delivery.RoutingKey == queues.Background ? Urgency.Background : message.Urgency, held);
        if (_closing.IsCancellationRequested)
        {
            GiveBackKept();
        }
    }

    private static async Task CancelAsync(List<Subscription> subscriptions)
    {
        foreach (var subscription in subscriptions)
        {
            try
            {
                await subscription.Channel.BasicCancelAsync(subscription.Tag);
            }
            catch (Exception e) when (BrokerFaults.Is(e))
            {
                // It takes nothing any more, which was wanted.
            }
        }
    }

    private void GiveBackKept()
    {
        foreach (var kept in room.Clear())
        {
            kept.GiveBack();
        }
    }

    /// <summary>What is taken from one queue.</summary>
    private sealed class Subscription(IChannel channel, string queue)
    {
        public IChannel Channel => channel;

        public string Queue => queue;

        public required string Tag { get; set; }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "A message in {Queue} is none of ours; it was put aside")]
        public static partial void Foreign(ILogger logger, string queue);
    }
}
