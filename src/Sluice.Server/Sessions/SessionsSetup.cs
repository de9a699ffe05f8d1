using Sluice.Server.Hosting;
using Sluice.Server.Ingest.Imports;
using Sluice.Server.Live.Channels;

namespace Sluice.Server.Sessions;

/// <summary>Registers sessions. Nothing of it is made before somebody asks for one.</summary>
internal static class SessionsSetup
{
    /// <summary>Adds them.</summary>
    public static void AddSessions(this IServiceCollection services, ClusterOptions cluster)
    {
        if (cluster.Address is not null)
        {
            services.AddSingleton<SharedSessions>();
            services.AddSingleton<SessionReturns>();
            services.AddHostedService<SessionShutdown>();
            services.AddHostedService<SessionSweeper>();
        }

        services.AddSingleton<TitleOwners>();
        services.AddSingleton<SessionRecovery>();
        services.AddSingleton<SessionScratch>();
        services.AddSingleton<SessionChannels>();
        services.AddSingleton<BodyEncoder>();
        services.AddSingleton<DashUpstream>();
        services.AddSingleton<BodyUpstream>();
        services.AddSingleton<FollowBody>(provider => (url, manner, outbound, sinks, watch, ct) =>
            provider.GetRequiredService<BodyUpstream>().FollowAsync(url, manner, outbound, sinks, watch, ct));
        services.AddSingleton<MovieTitles>();
        services.AddSingleton<EncodedTitles>();
        services.AddSingleton<MatroskaTitles>();
        services.AddSingleton<SessionTitles>();
        services.AddSingleton<SessionTorrents>();
        services.AddSingleton<TorrentOpener>();
        services.AddSingleton<TorrentTransfer>();
        services.AddSingleton<TorrentImports>();
        services.AddSingleton<SwarmTransfer>(provider => (import, ct) => provider.GetRequiredService<TorrentTransfer>().RunAsync(import, ct));
        services.AddSingleton<SessionOpener>();
        services.AddSingleton<SessionKeeping>();
        services.AddSingleton<SessionDesk>();
    }
}
