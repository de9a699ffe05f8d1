using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest.Watch;
using Sluice.Server.Outbound;
using Sluice.Server.Resolve;
using Sluice.Server.Store;

namespace Sluice.Server.Ingest.Imports;

/// <summary>Registers what brings files in by itself.</summary>
internal static class ImportsSetup
{
    /// <summary>Adds downloads and the watch folder.</summary>
    public static void AddImports(this IServiceCollection services, SluiceOptions options)
    {
        services.AddSingleton<IImportCatalog>(provider => (IImportCatalog)provider.GetRequiredService<ICatalog>());
        services.AddSingleton(NameResolution.System);
        services.AddSingleton<CheckedConnector>();
        services.AddSingleton<OutboundFetcher>();
        services.AddSingleton(_ => new ImportShelf(options.Storage.Data));
        services.AddResolvers();
        services.AddSingleton<ImportLedger>();
        services.AddSingleton<ImportTurns>();
        services.AddSingleton<ImportAttempt>();
        services.AddSingleton<ImportTransfer>();
        services.AddSingleton<ImportDesk>();
        services.AddHostedService<ImportRunner>();
        if (options.Ingest.Watch is not null)
        {
            services.AddSingleton<WatchedFile>();
            services.AddHostedService<WatchFolder>();
        }
    }
}
