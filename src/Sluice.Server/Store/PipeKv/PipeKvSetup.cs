using Sluice.Server.Hosting;
using Sluice.Server.Outbound;

namespace Sluice.Server.Store.PipeKv;

/// <summary>Registers the node of the configuration, where there is one, as the place of published files.</summary>
internal static class PipeKvSetup
{
    /// <summary>Adds it.</summary>
    /// <exception cref="SetupException">The configuration of the node cannot be used.</exception>
    public static void AddPipeKv(this IServiceCollection services, SluiceOptions options)
    {
        services.AddSingleton<PipeKvLatencies>();
        if (PipeKvAccess.Of(options.Pipekv) is not { } access)
        {
            return;
        }

        services.AddSingleton(provider => new PipeKvNode(
            access,
            provider.GetRequiredService<OutboundFetcher>(),
            provider.GetRequiredService<PipeKvLatencies>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new PipeKvCache(
            provider.GetRequiredService<PipeKvNode>(),
            Path.Combine(options.Storage.Data, "pipekv"),
            options.Pipekv.CacheBytes,
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IPublishedFiles>(provider => provider.GetRequiredService<PipeKvCache>());
    }
}
