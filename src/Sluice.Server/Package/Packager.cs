using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Store;

namespace Sluice.Server.Package;

/// <summary>Probes a staged source, decides per track, and compiles its track indexes into the same stage.</summary>
internal sealed class Packager(SluiceOptions options)
{
    /// <summary>Reads <c>stage.PathOf("source")</c>; writes one index per offered track beside it.</summary>
    public Task<PackageResult> PackageAsync(IObjectStage stage, AssetId asset, CancellationToken ct)
    {
        _ = options;
        return Task.FromResult(new PackageResult("not written yet", AssetState.NeedsTranscode, null, "", 0, []));
    }
}
