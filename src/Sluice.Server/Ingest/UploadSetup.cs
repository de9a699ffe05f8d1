using Sluice.Server.Catalog;
using Sluice.Server.Ingest.Chunks;
using Sluice.Server.Ingest.Tus;
using Sluice.Server.Nodes;
using Sluice.Server.Store;

namespace Sluice.Server.Ingest;

/// <summary>Registers what receives uploads in pieces.</summary>
internal static class UploadSetup
{
    /// <summary>Adds them. Where the store has a place for pieces (<see cref="IPieceStore"/>), uploads go on at any server; else they stay with theirs.</summary>
    /// <param name="services">The server's.</param>
    /// <param name="data">Data folder.</param>
    public static void AddUploads(this IServiceCollection services, string data)
    {
        services.AddSingleton(_ => new UploadShelf(data));
        services.AddSingleton(provider => new UploadLocks(
            provider.GetRequiredService<TimeProvider>(), provider.GetService<IPieceStore>() is null ? null : provider.GetRequiredService<Holds>()));
        services.AddSingleton(provider => new UploadPieces(
            provider.GetService<IPieceStore>(), provider.GetRequiredService<UploadShelf>(), provider.GetRequiredService<IObjectStore>(),
            provider.GetRequiredService<ICatalog>(), provider.GetRequiredService<ILogger<UploadPieces>>()));
        services.AddSingleton<UploadQuota>();
        services.AddSingleton<UploadHashes>();
        services.AddSingleton<UploadReceiver>();
        services.AddSingleton<UploadFinishing>();
        services.AddSingleton<UploadRecovery>();
        services.AddSingleton<UploadLeaving>();
        services.AddSingleton<UploadDesk>();
        services.AddSingleton(provider => new ChunkTurns(provider.GetService<Turns>()));
        services.AddSingleton<ChunkedUploads>();
    }
}
