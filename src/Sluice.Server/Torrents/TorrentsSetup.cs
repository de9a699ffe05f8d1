using Sluice.Server.Hosting;
using Sluice.Server.Torrents.Engine;

namespace Sluice.Server.Torrents;

/// <summary>Registers torrents.</summary>
internal static class TorrentsSetup
{
    /// <summary>Adds the engine; nothing is looked for or started before the first torrent.</summary>
    public static void AddTorrents(this IServiceCollection services, SluiceOptions options) =>
        services.AddSingleton(provider => new TorrentEngine(new EngineTools(
            options,
            new EngineProgram(options.Torrents.Python),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<TorrentEngine>>())));
}
