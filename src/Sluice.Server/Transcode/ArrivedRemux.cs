using Sluice.Server.Catalog;
using Sluice.Server.Package;
using Sluice.Server.Package.Arriving;
using Sluice.Server.Probe;
using Sluice.Server.Store;

namespace Sluice.Server.Transcode;

/// <summary>
/// Publishes a title with what was repackaged of it while it arrived, when that is what would be made of the whole file: the same streams, all of
/// their length. What was served of it goes on so, and the title is ready at once.
/// </summary>
internal sealed partial class ArrivedRemux(RemuxHandover handover, SourceReader reader, ILogger<ArrivedRemux> logger)
{
    /// <summary>What came of it; null when there is nothing, or it is of no use: then the whole is repackaged.</summary>
    /// <param name="asset">The title.</param>
    /// <param name="verdict">What the whole file is.</param>
    /// <param name="pathOf">Where an object of that name goes.</param>
    /// <param name="prepare">Packages the file at a path.</param>
    /// <param name="ct">Ends it.</param>
    public async Task<PackageResult?> PrepareAsync(
        AssetId asset, SourceVerdict verdict, Func<string, string> pathOf, Func<string, Task<PackageResult>> prepare, CancellationToken ct)
    {
        var path = pathOf(ObjectKey.Remux(asset).Name);
        if (verdict.EncodedSounds.Any() || !await handover.TakeAsync(asset, RemuxFitness.StreamsOf(verdict), path, ct))
        {
            return null;
        }

        var made = await prepare(path);
        var source = pathOf(ObjectKey.Source(asset).Name);
        if (await RemuxFitness.WhyUselessAsync(made, verdict.Facts!, source, reader, ct) is not { } problem)
        {
            return made with { Reason = made.Reason ?? verdict.Loss };
        }

        Log.Useless(logger, asset, problem);
        foreach (var key in made.ObjectsOf(asset))
        {
            File.Delete(pathOf(key.Name));
        }

        return null;
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "{Asset} is repackaged once more, now that it has arrived: {Problem}")]
        public static partial void Useless(ILogger logger, AssetId asset, string problem);
    }
}
