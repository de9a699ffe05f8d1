using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Live.Channels;
using Sluice.Server.Outbound;

namespace Sluice.Server.Sessions;

/// <summary>The channels that exist for sessions. Their names cannot be guessed, and they are in no list.</summary>
internal sealed class SessionChannels(ChannelRegistry registry)
{
    private const string Prefix = "session-";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, ChannelDefinition> _made = new(StringComparer.Ordinal);

    /// <summary>Whether a channel of this name is a session's.</summary>
    public static bool IsOne(string name) => name.StartsWith(Prefix, StringComparison.Ordinal) && AssetId.TryParse(name[Prefix.Length..], null, out _);

    /// <summary>Makes a channel; it asks for nothing before somebody watches.</summary>
    /// <param name="url">A playlist, or something that is shown while it comes.</param>
    /// <param name="title">Shown to people.</param>
    /// <param name="name">What it was called on another server; null for a new one.</param>
    /// <param name="isBody">It is no playlist.</param>
    /// <exception cref="SessionException">The server is being stopped.</exception>
    public LiveSource Add(OutboundUrl url, string title, string? name = null, bool isBody = false)
    {
        var definition = new ChannelDefinition
        {
            Name = name is not null && IsOne(name) ? name : Prefix + AssetId.New(),
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
