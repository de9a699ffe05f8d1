using Microsoft.AspNetCore.Routing.Patterns;
using Sluice.Server.Live.Channels;

namespace Sluice.Server.Hosting.Configuration;

/// <summary>The channels of the configuration file that the server has, and what is said of them.</summary>
internal sealed partial class StreamsInForce(ChannelRegistry registry, EndpointDataSource routes, ILogger<StreamsInForce> logger)
{
    private IReadOnlyList<ChannelDefinition> _channels = [];

    /// <summary>Puts these in force: what is the same as before goes on undisturbed.</summary>
    public void Apply(IReadOnlyList<ChannelDefinition> channels)
    {
        registry.Apply(ChannelOrigin.Configuration, channels);
        _channels = channels;
    }

    /// <summary>The same while the server runs, and says what changed.</summary>
    public void Replace(IReadOnlyList<ChannelDefinition> channels)
    {
        var before = _channels.ToDictionary(c => c.Name, StringComparer.Ordinal);
        Apply(channels);
        var names = channels.Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
        var added = channels.Where(c => !before.ContainsKey(c.Name)).Select(c => "+" + c.Name);
        var changed = channels.Where(c => before.TryGetValue(c.Name, out var old) && old != c).Select(c => "~" + c.Name);
        var removed = before.Keys.Where(name => !names.Contains(name)).Select(name => "-" + name);
        string[] changes = [.. added, .. changed, .. removed];
        if (changes.Length > 0)
        {
            Log.Changed(logger, string.Join(' ', changes), channels.Count);
            WarnOfOwnPaths();
        }
    }

    /// <summary>Says which channels are not at <c>/name</c>, where StreamPipe has them, because something of this server's own is there. Not before
    /// the server has started, which is when its routes are known.</summary>
    public void WarnOfOwnPaths()
    {
        foreach (var channel in _channels.Where(c => IsOwnPath(c.Name)))
        {
            Log.OnlyAtLive(logger, channel.Name, channel.Name, channel.Name);
        }
    }

    private bool IsOwnPath(string name) => name == "docs" || routes.Endpoints.OfType<RouteEndpoint>().Any(endpoint =>
        endpoint.RoutePattern.PathSegments is [{ IsSimple: true, Parts: [RoutePatternLiteralPart path] }]
        && path.Content.Equals(name, StringComparison.OrdinalIgnoreCase)
        && endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains(HttpMethods.Get) == true);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "Channels of the configuration file changed: {Changes}; there are {Count} now")]
        public static partial void Changed(ILogger logger, string changes, int count);

        [LoggerMessage(Level = LogLevel.Warning, Message = "The channel {Channel} is at /live/{Path} only: /{Own} is a page of this server")]
        public static partial void OnlyAtLive(ILogger logger, string channel, string path, string own);
    }
}
