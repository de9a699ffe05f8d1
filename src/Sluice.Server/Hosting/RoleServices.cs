using Sluice.Server.Hosting.Configuration;
using Sluice.Server.Ingest;
using Sluice.Server.Ingest.Arriving;
using Sluice.Server.Ingest.Imports;
using Sluice.Server.Ingest.Watch;
using Sluice.Server.Live.Channels;
using Sluice.Server.Manage;
using Sluice.Server.Manage.Channels;
using Sluice.Server.Recordings;
using Sluice.Server.Sessions;

namespace Sluice.Server.Hosting;

/// <summary>What runs in the background of which role. What is not in the table runs everywhere; the lanes are registered for workers only.</summary>
internal static class RoleServices
{
    private static readonly Dictionary<Type, Func<NodeRoles, bool>> Belongs = new()
    {
        [typeof(ArrivalScout)] = roles => roles.Api,
        [typeof(ImportRunner)] = roles => roles.Api,
        [typeof(WatchFolder)] = roles => roles.Api,
        [typeof(UploadSweeper)] = roles => roles.Api,
        [typeof(RetentionSweeper)] = roles => roles.Api,
        [typeof(WarmUp)] = roles => roles.Api || roles.Worker,
        [typeof(ChannelShutdown)] = roles => roles.Live,
        [typeof(SessionShutdown)] = roles => roles.Live,
        [typeof(SessionSweeper)] = roles => roles.Live,
        [typeof(ChannelWatcher)] = roles => roles.Live,
        [typeof(RecordingService)] = roles => roles.Live,
        [typeof(ConfigurationWatcher)] = roles => roles.Live,
    };

    /// <summary>Takes out what is not of these roles.</summary>
    public static void KeepOnly(this IServiceCollection services, NodeRoles roles)
    {
        for (var i = services.Count - 1; i >= 0; i--)
        {
            if (services[i] is { ImplementationType: { } type } service && service.ServiceType == typeof(IHostedService)
                && Belongs.TryGetValue(type, out var belongs) && !belongs(roles))
            {
                services.RemoveAt(i);
            }
        }
    }
}
