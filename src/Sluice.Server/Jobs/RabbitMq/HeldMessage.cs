using RabbitMQ.Client;

namespace Sluice.Server.Jobs.RabbitMq;

/// <summary>A message that this process was given and has not answered. Should the process or its connection be lost, the broker gives it to
/// another.</summary>
/// <param name="channel">That it came on.</param>
/// <param name="tag">Its number there.</param>
/// <param name="message">What it says.</param>
/// <param name="since">When it came.</param>
/// <param name="answered">Told once when it is answered.</param>
internal sealed class HeldMessage(IChannel channel, ulong tag, BrokerMessage message, DateTimeOffset since, Action<HeldMessage> answered) : Announcement
{
    private int _isAnswered;

    /// <inheritdoc />
    public override bool MayBeMore => message.MayBeMore;

    /// <summary>When it came.</summary>
    public DateTimeOffset Since => since;

    /// <inheritdoc />
    public override void End() => Answer(() => channel.BasicAckAsync(tag, multiple: false, CancellationToken.None));

    /// <inheritdoc />
    public override void GiveBack() => Answer(() => channel.BasicNackAsync(tag, multiple: false, requeue: true, CancellationToken.None));

    private void Answer(Func<ValueTask> send)
    {
        if (Interlocked.Exchange(ref _isAnswered, 1) == 0)
        {
            answered(this);
            _ = SendAsync(send);
        }
    }

    private static async Task SendAsync(Func<ValueTask> send)
    {
        try
        {
            await send();
        }
        catch (Exception e) when (BrokerFaults.Is(e))
        {
            // The connection has gone, and the broker gives the message to another: who finds nothing to do.
        }
    }
}
