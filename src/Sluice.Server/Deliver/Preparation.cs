using Sluice.Server.Catalog;
using Sluice.Server.Hosting;

namespace Sluice.Server.Deliver;

/// <summary>Waits for a title that is being repackaged: for most that is over before a player has lost its patience.</summary>
internal sealed class Preparation(AssetDirectory assets, SluiceOptions options, TimeProvider clock)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    /// <summary>The title as it is when it is not in preparation any more, or when the wait has been long enough.</summary>
    public async Task<Asset> WaitAsync(Asset asset, CancellationToken ct)
    {
        var until = clock.GetUtcNow() + TimeSpan.FromSeconds(options.Transcode.WaitSeconds);
        while (asset.State == AssetState.Processing && clock.GetUtcNow() < until)
        {
            await Task.Delay(Look, clock, ct);
            asset = await assets.FindAsync(asset.Id, ct) ?? asset with { State = AssetState.Failed, Reason = "it was removed" };
        }

        return asset;
    }

    /// <summary>The title as it is now that it does not arrive any more.</summary>
    public async Task<Asset> ArrivedAsync(Asset asset, CancellationToken ct) =>
        await assets.FindAsync(asset.Id, ct) ?? asset with { State = AssetState.Failed, Reason = "it was given up before it had arrived" };
}
