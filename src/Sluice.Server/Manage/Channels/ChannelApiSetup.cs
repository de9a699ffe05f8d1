using Sluice.Server.Hosting;
using Sluice.Server.Live.Channels;
using Sluice.Server.Outbound;
using Sluice.Server.Resolve;

namespace Sluice.Server.Manage.Channels;

/// <summary>Registers channels by API.</summary>
internal static class ChannelApiSetup
{
    /// <summary>Adds them, and the resolvers that channels may name.</summary>
    public static void AddChannelApi(this IServiceCollection services, StorageOptions storage)
    {
        if (storage.IsShared())
        {
            services.AddHostedService<ChannelWatcher>();
        }

        services.AddSingleton<ChannelDesk>();
        services.AddSingleton<ChannelPlayback>();
        services.AddSingleton<ChannelTest>();
        services.AddSingleton<ResolveUrl>(provider => (channel, page, ct) => ResolveAsync(provider.GetRequiredService<StreamResolver>(), channel, page, ct));
    }

    private static async Task<ResolvedUrl> ResolveAsync(StreamResolver resolver, ChannelDefinition channel, OutboundUrl page, CancellationToken ct)
    {
        var found = await resolver.ResolveAsync(channel.Resolver!, page, ct);
        return new ResolvedUrl(found.Stream?.Url, found.Stream?.Headers ?? [], found.Problem);
    }
}
