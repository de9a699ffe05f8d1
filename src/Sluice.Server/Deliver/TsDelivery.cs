using Sluice.Media.Manifests;

namespace Sluice.Server.Deliver;

internal sealed record TsRendition(string Name, StoredTrack? Video, StoredTrack? Audio);

internal sealed class TsDelivery(ManifestDelivery manifests)
{
    public static readonly SegmentUris FlatUris = new() { Prefix = "segment", Suffix = ".ts", FirstNumber = 0 };
    public static readonly SegmentUris NestedUris = new() { Suffix = ".ts" };

    public static TsRendition? DefaultRendition(OpenAsset asset) => null;

    public static TsRendition? FindRendition(OpenAsset asset, string name) => null;

    public Task SendPlaylistAsync(HttpContext context, OpenAsset asset, TsRendition rendition, SegmentUris uris) => manifests.SendMultivariantAsync(context, asset);

    public Task<bool> SendSegmentAsync(HttpContext context, OpenAsset asset, TsRendition rendition, int number) => Task.FromResult(manifests is null);
}
