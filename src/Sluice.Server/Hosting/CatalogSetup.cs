using Sluice.Server.Catalog;
using Sluice.Server.Catalog.Postgres;

namespace Sluice.Server.Hosting;

/// <summary>Registers where the catalog is: in a PostgreSQL database when one is configured, else in the data folder.</summary>
internal static class CatalogSetup
{
    /// <summary>Adds the catalog under all of its names.</summary>
    /// <exception cref="SetupException">The address of the database is none.</exception>
    public static void AddCatalog(this IServiceCollection services, StorageOptions storage)
    {
        if (storage.Catalog is null)
        {
            services.AddSingleton<ICatalog>(_ => new SqliteCatalog(Path.Combine(storage.Data, "catalog.db")));
        }
        else
        {
            AddPostgres(services, storage); // A method of its own: who has no such database loads no driver.
        }

        services.AddSingleton<IViewCatalog>(provider => provider.GetRequiredService<ICatalog>());
        services.AddSingleton<IPublicationCatalog>(provider => (IPublicationCatalog)provider.GetRequiredService<ICatalog>());
        services.AddSingleton<IChannelCatalog>(provider => (IChannelCatalog)provider.GetRequiredService<ICatalog>());
        services.AddSingleton<ISessionCatalog>(provider => (ISessionCatalog)provider.GetRequiredService<ICatalog>());
        services.AddSingleton<AssetDirectory>();
    }

    /// <summary>The catalog that a person would name.</summary>
    public static string NameOf(StorageOptions storage) => storage.Catalog ?? Path.Combine(storage.Data, "catalog.db");

    /// <summary>The database of the configuration.</summary>
    /// <exception cref="SetupException">Its address is none.</exception>
    public static PostgresAddress AddressOf(StorageOptions storage) =>
        PostgresAddress.TryParse(storage.Catalog ?? "", storage.CatalogPassword, out var address)
            ? address
            : throw new SetupException($"storage.catalog must be {PostgresAddress.Rule}; give the password in the environment as SLUICE__STORAGE__CATALOGPASSWORD.");

    private static void AddPostgres(IServiceCollection services, StorageOptions storage)
    {
        var address = AddressOf(storage);
        services.AddSingleton(provider => new PostgresCatalog(address, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ICatalog>(provider => provider.GetRequiredService<PostgresCatalog>());
        services.AddHostedService<PostgresListener>();
        services.AddHostedService<PostgresSchemaWatch>();
    }
}
