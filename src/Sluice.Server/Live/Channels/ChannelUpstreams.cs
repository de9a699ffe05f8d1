using Sluice.Server.Outbound;

namespace Sluice.Server.Live.Channels;

/// <summary>The upstreams of a channel while it runs: where each is, how it is asked, and how far it was shown.</summary>
internal sealed class ChannelUpstreams(ChannelDefinition definition, ChannelTools tools, LiveFeed feed, ISegmentSinks sinks, IUpstreamWatch watch)
{
    private readonly PlaylistTracker?[] _trackers = new PlaylistTracker?[definition.Urls.Count];

    /// <summary>What the operator wrote into the configuration is thereby allowed, and nothing beside it.</summary>
    public IEnumerable<Allowance> Allowances =>
        definition.Urls.Select(static text => OutboundUrl.TryParse(text, out var url) ? Allowance.Of(url) : null).OfType<Allowance>();

    /// <summary>Follows one of the channel's URLs until it ends or is of no use any more.</summary>
    public async Task<UpstreamEnd> FollowAsync(int index, OutboundFetcher outbound, CancellationToken ct)
    {
        var (url, headers, problem) = await AddressAsync(index, ct);
        if (url is null)
        {
            return new UpstreamEnd(problem ?? "its page leads to no playlist");
        }

        var manner = new UpstreamManner
        {
            UserAgent = definition.UserAgent ?? UpstreamManner.OwnName,
            Headers = [.. definition.Headers, .. headers],
            Origin = url,
            Timeout = definition.Timeout,
            Policy = definition.Policy,
        };
        if (definition.IsBody)
        {
            return tools.FollowBody is { } follow
                ? await follow(url, manner, outbound, sinks, watch, ct)
                : new UpstreamEnd("this server shows playlists only") { IsRefused = true };
        }

        var upstream = new HlsUpstream(outbound, manner, sinks, tools.Clock)
        {
            Tracker = _trackers[index] ??= new PlaylistTracker(),
            Parallel = definition.Threads,
            Memory = feed.Memory,
            Watch = watch,
        };
        return await upstream.RunAsync(url, ct);
    }

    /// <summary>One was left that has shown something: each other goes on where it is by then, not where it was left.</summary>
    public void Leave(int index)
    {
        for (var i = 0; i < _trackers.Length; i++)
        {
            if (i != index)
            {
                (_trackers[i] ??= new PlaylistTracker()).Part();
            }
        }
    }

    private async Task<(OutboundUrl? Url, IReadOnlyList<KeyValuePair<string, string>> Headers, string? Problem)> AddressAsync(int index, CancellationToken ct)
    {
        if (!OutboundUrl.TryParse(definition.Urls[index], out var url))
        {
            return (null, [], "its address is no http or https URL");
        }

        if (definition.Resolver is null)
        {
            return (url, [], null);
        }

        var resolved = await tools.Resolve(definition, url, ct);
        return (resolved.Url, resolved.Headers, resolved.Problem);
    }
}
