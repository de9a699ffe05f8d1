using Sluice.Server.Hosting;
using Sluice.Server.Outbound;

namespace Sluice.Server.Nodes;

/// <summary>Registers what passes requests on to other nodes; nothing of it where there are none.</summary>
internal static class NodesSetup
{
    /// <summary>Adds it.</summary>
    public static void AddNodes(this IServiceCollection services, ClusterOptions cluster)
    {
        if (cluster.Address is null)
        {
            return;
        }

        services.AddSingleton<ClusterConnections>();
        services.AddSingleton<Whereabouts>();
        services.AddSingleton<NodeForwarder>();
        services.AddSingleton<Turns>();
    }

    /// <summary>Puts <see cref="NodeRequests"/> in front of everything.</summary>
    public static void UseNodes(this IApplicationBuilder app, ClusterOptions cluster)
    {
        if (cluster.Address is not null)
        {
            app.UseMiddleware<NodeRequests>();
        }
    }
}
