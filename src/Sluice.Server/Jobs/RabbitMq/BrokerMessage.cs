using System.Text;
using RabbitMQ.Client;
using Sluice.Server.Catalog;

namespace Sluice.Server.Jobs.RabbitMq;

/// <summary>An announcement on its way: properties and headers, no body.</summary>
/// <param name="Urgency">How urgent.</param>
/// <param name="MayBeMore">It stands for any number of tasks, and else for one.</param>
internal readonly record struct BrokerMessage(Urgency Urgency, bool MayBeMore)
{
    /// <summary>Header of <see cref="Urgency"/>.</summary>
    public const string UrgencyHeader = "urgency";

    private const string Type = "sluice.work";
    private const string MoreHeader = "more";

    /// <summary>As it is sent.</summary>
    /// <param name="node">Who announces it.</param>
    /// <param name="now">When.</param>
    public BasicProperties ToProperties(string node, DateTimeOffset now) => new()
    {
        Type = Type,
        AppId = node,
        DeliveryMode = DeliveryModes.Persistent,
        Timestamp = new AmqpTimestamp(now.ToUnixTimeSeconds()),
        Headers = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            [UrgencyHeader] = Urgency.ToString().ToLowerInvariant(),
            [MoreHeader] = MayBeMore,
        },
    };

    /// <summary>Reads it; null when it is none of ours. Another version of this program may have written it: what it says beyond that is passed over.</summary>
    public static BrokerMessage? Read(IReadOnlyBasicProperties properties) =>
        properties.Type == Type && Enum.TryParse<Urgency>(TextOf(properties.Headers, UrgencyHeader), ignoreCase: true, out var urgency) && Enum.IsDefined(urgency)
            ? new BrokerMessage(urgency, properties.Headers?.TryGetValue(MoreHeader, out var more) == true && more is true)
            : null;

    /// <summary>A header that is a text; null when it is none.</summary>
    public static string? TextOf(IDictionary<string, object?>? headers, string name) =>
        headers?.TryGetValue(name, out var value) == true ? value switch { byte[] bytes => Encoding.UTF8.GetString(bytes), string text => text, _ => null } : null;
}
