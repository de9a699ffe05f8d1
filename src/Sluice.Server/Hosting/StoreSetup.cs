using Sluice.Server.Jobs;
using Sluice.Server.Outbound;
using Sluice.Server.Store;
using Sluice.Server.Store.S3;

namespace Sluice.Server.Hosting;

/// <summary>Registers where media are kept: in a bucket when one is configured, else in the data folder.</summary>
internal static class StoreSetup
{
    /// <summary>Adds the store.</summary>
    /// <exception cref="SetupException">The bucket's configuration is not complete.</exception>
    public static void AddStore(this IServiceCollection services, StorageOptions storage)
    {
        services.AddSingleton<RemoteSources>();
        if (storage.S3.Bucket is null)
        {
            services.AddSingleton<IObjectStore>(provider => new RemoteObjectStore(
                new LocalObjectStore(storage.Data, storage.ReserveBytes), provider.GetRequiredService<RemoteSources>()));
            return;
        }

        _ = S3Client.EndpointOf(storage.S3);
        services.AddSingleton<BeforeTask>(provider => asset => provider.GetRequiredService<IObjectStore>().Doubt(asset, null));
        services.AddSingleton(provider => S3Setup.Open(
            storage, provider.GetRequiredService<CheckedConnector>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<S3ObjectStore>>()));
        services.AddSingleton<IObjectStore>(provider => new RemoteObjectStore(
            provider.GetRequiredService<S3ObjectStore>(), provider.GetRequiredService<RemoteSources>()));
    }
}
