using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Live.Channels;
using Sluice.Server.Outbound;

namespace Sluice.Server.Sessions;

/// <summary>The channels that exist for sessions. Their names cannot be guessed, and they are in no list.</summary>
internal sealed class SessionChannels(ChannelRegistry registry)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ChannelDefinition> _made = new(StringComparer.Ordinal);

    /// <summary>Makes a channel; it asks for nothing before somebody watches.</summary>
    /// <param name="url">A playlist, or something that is shown while it comes.</param>
    /// <param name="title">Shown to people.</param>
    /// <param name="isBody">It is no playlist.</param>
    /// <exception cref="SessionException">The server is being stopped.</exception>
    public LiveSource Add(OutboundUrl url, string title, bool isBody = false)
    {
        var definition = new ChannelDefinition
        {
            Name = $"session-{AssetId.New()}",
            Title = title,
            Urls = [url.Secret],
            IsBody = isBody,
            Origin = ChannelOrigin.Session,
        };
        lock (_gate)
        {
            _made[definition.Name] = definition;
            registry.Apply(ChannelOrigin.Session, [.. _made.Values]);
        }

        return registry.TryGet(definition.Name, out var channel)
            ? new LiveSource(this, definition, channel)
            : throw new SessionException(ErrorCode.SourceUnusable, "The server is being stopped.");
    }

    /// <summary>A session has ended; who still watches its channel comes to the end.</summary>
    public void Remove(string name)
    {
        lock (_gate)
        {
            if (_made.Remove(name))
            {
                registry.Apply(ChannelOrigin.Session, [.. _made.Values]);
            }
        }
    }
}
