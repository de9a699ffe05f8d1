using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Server.Hosting;
using Sluice.Server.Tests.Catalog;
using Sluice.Server.Tests.Support;
using Sluice.Server.Tests.Torrents;

namespace Sluice.Server.Tests.Nodes;

/// <summary>A server of several over one database, which the others reach.</summary>
internal static class ClusterNode
{
    /// <summary>Starts one, with a data folder of its own and the real time.</summary>
    public static async Task<SluiceServer> StartAsync(
        string database, bool guarded = false, Action<SluiceOptions>? configure = null, bool realPackager = false, string? data = null,
        Action<WebApplication>? map = null, Action<IServiceCollection>? services = null)
    {
        var port = Swarm.FreePort();
        return await SluiceServer.StartAsync(
            options =>
            {
                (options.Storage.Catalog, options.Storage.CatalogPassword) = (database, PostgresServer.Password);
                (options.Server.Port, options.Cluster.Address) = (port, string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
                options.Access.Secret = new string('s', 32);
                options.Outbound.Allow = ["127.0.0.1/32"];
                configure?.Invoke(options);
            },
            builder =>
            {
                builder.Services.AddSingleton(TimeProvider.System);
                services?.Invoke(builder.Services);
            },
            guarded,
            realPackager,
            data,
            map: map);
    }

    /// <summary>A service of a server.</summary>
    public static T Of<T>(this SluiceServer server) where T : notnull => server.App.Services.GetRequiredService<T>();
}
