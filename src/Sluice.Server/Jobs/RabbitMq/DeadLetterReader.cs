using System.Collections;
using System.Globalization;
using RabbitMQ.Client;

namespace Sluice.Server.Jobs.RabbitMq;

/// <summary>Reads what was put aside, and why: the broker writes it into the header <c>x-death</c> (RabbitMQ, Dead Letter Exchanges).</summary>
internal sealed class DeadLetterReader(BrokerQueues queues)
{
    /// <summary>Looks at the oldest ones. They are not answered, so they are back as soon as the channel ends.</summary>
    public async Task<IReadOnlyList<DeadLetter>> ReadAsync(IChannel channel, int most, CancellationToken ct)
    {
        await queues.DeclareAsync(channel, ct);
        var letters = new List<DeadLetter>();
        while (letters.Count < most && await channel.BasicGetAsync(queues.Dead, autoAck: false, ct) is { } got)
        {
            letters.Add(Read(got.BasicProperties));
        }

        return letters;
    }

    /// <summary>Removes them all.</summary>
    public async Task<QueueDeclareOk> RemoveAsync(IChannel channel, CancellationToken ct)
    {
        await queues.DeclareAsync(channel, ct);
        return new QueueDeclareOk(queues.Dead, await channel.QueuePurgeAsync(queues.Dead, ct), 0);
    }

    /// <summary>Of one message. Another program may have written it: what cannot be read is null.</summary>
    internal static DeadLetter Read(IReadOnlyBasicProperties properties)
    {
        var headers = properties.Headers;
        var death = headers?.TryGetValue("x-death", out var deaths) == true && deaths is IList { Count: > 0 } list
            ? list[0] as IDictionary<string, object?> : null;
        var at = death?.TryGetValue("time", out var time) == true && time is AmqpTimestamp stamp ? DateTimeOffset.FromUnixTimeSeconds(stamp.UnixTime) : (DateTimeOffset?)null;
        var message = BrokerMessage.Read(properties);
        return new DeadLetter(
            BrokerMessage.TextOf(death, "reason"), BrokerMessage.TextOf(death, "queue"), Number(death, "count") ?? 1, at,
            Number(headers, "x-delivery-count"), message is null ? null : BrokerMessage.TextOf(headers, BrokerMessage.UrgencyHeader),
            message is null ? null : properties.AppId);
    }

    private static long? Number(IDictionary<string, object?>? table, string name) =>
        table?.TryGetValue(name, out var value) == true && value is IConvertible number and not string ? number.ToInt64(CultureInfo.InvariantCulture) : null;
}
