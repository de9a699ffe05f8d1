using Sluice.Server.Hosting;
using Sluice.Server.Live.Relay;
using Sluice.Server.Outbound;

namespace Sluice.Server.Live.Channels;

/// <summary>Registers channels. Nothing of it runs, and hardly anything is made, before there is one.</summary>
internal static class ChannelsSetup
{
    /// <summary>Adds the registry, which ends all channels when the server is told to stop. A <see cref="ResolveUrl"/> and a <see cref="FollowBody"/> may be registered beside it.</summary>
    public static void AddChannels(this IServiceCollection services, ClusterOptions cluster)
    {
        if (cluster.Address is not null)
        {
            services.AddSingleton<ChannelTurns>();
        }

        services.AddSingleton(provider => new ChannelRegistry(new ChannelTools(
            provider.GetRequiredService<OutboundFetcher>(),
            provider.GetService<ResolveUrl>() ?? NobodyAsync,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ChannelRegistry>>())
        {
            FollowBody = provider.GetService<FollowBody>(),
            Turns = provider.GetService<ChannelTurns>(),
            MostViewers = provider.GetRequiredService<SluiceOptions>().Live.MaxViewers,
        }));
        services.AddHostedService<ChannelShutdown>();
    }

    private static Task<ResolvedUrl> NobodyAsync(ChannelDefinition channel, OutboundUrl page, CancellationToken ct) =>
        Task.FromResult(new ResolvedUrl(null, [], $"this server knows no resolver '{channel.Resolver}'"));
}
