using RabbitMQ.Client;
using Sluice.Server.Catalog;

namespace Sluice.Server.Jobs.RabbitMq;

/// <summary>
/// The queues, all durable and replicated (quorum queues):
/// <code>
/// PREFIX.viewers     ─┐ delivered ten times and never answered, or none of ours
/// PREFIX.background  ─┴──────────────────────────────────────────────────────────▶ PREFIX.dead
/// </code>
/// </summary>
internal sealed class BrokerQueues(string prefix, int mostWaiting = BrokerQueues.MostWaiting)
{
    /// <summary>Workers that may be lost with one announcement before it is put aside. The task is not: the catalog counts for itself.</summary>
    public const int MostDeliveries = 10;

    /// <summary>Announcements in a queue; more tell nobody anything new. What is refused is in the catalog, where it is found.</summary>
    public const int MostWaiting = 10_000;

    private const int MostDead = 1_000;

    /// <summary>For work that a viewer, or whoever uploaded, waits for.</summary>
    public string Viewers { get; } = prefix + ".viewers";

    /// <summary>For work that nobody waits for.</summary>
    public string Background { get; } = prefix + ".background";

    /// <summary>What was put aside.</summary>
    public string Dead { get; } = prefix + ".dead";

    /// <summary>No queue: what is sent there is confirmed and gone.</summary>
    public string Nobody { get; } = prefix + ".nobody";

    /// <summary>The queue of an urgency, and of the lanes that take no less.</summary>
    public string Of(Urgency urgency) => urgency == Urgency.Background ? Background : Viewers;

    /// <summary>Makes what is missing, and answers what is in them.</summary>
    public async Task<IReadOnlyList<QueueDepth>> DeclareAsync(IChannel channel, CancellationToken ct) =>
    [
        await DeclareAsync(channel, "dead", Dead, new() { ["x-max-length"] = MostDead, ["x-overflow"] = "drop-head" }, ct),
        await DeclareAsync(channel, "viewers", Viewers, Work(), ct),
        await DeclareAsync(channel, "background", Background, Work(), ct),
    ];

    private Dictionary<string, object?> Work() => new(StringComparer.Ordinal)
    {
        ["x-delivery-limit"] = MostDeliveries,
        ["x-max-length"] = mostWaiting,
        ["x-overflow"] = "reject-publish",
        ["x-dead-letter-exchange"] = "",
        ["x-dead-letter-routing-key"] = Dead,
    };

    private static async Task<QueueDepth> DeclareAsync(
        IChannel channel, string queue, string name, Dictionary<string, object?> arguments, CancellationToken ct)
    {
        arguments["x-queue-type"] = "quorum";
        var ok = await channel.QueueDeclareAsync(name, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: ct);
        return new QueueDepth(queue, name, ok.MessageCount, ok.ConsumerCount);
    }
}
