using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Ingest;
using Sluice.Server.Ingest.Chunks;

namespace Sluice.Server.Compat;

/// <summary>An upload in chunks, and the title that it became, as one row of VidPipeline's.</summary>
internal sealed class VidPipelineRows(AssetDirectory assets, ChunkedUploads uploads, PlaybackTokens tokens)
{
    /// <summary>The row; null when the title that it was about has been removed.</summary>
    public async Task<VidPipelineVideo?> FindAsync(Upload upload, CancellationToken ct) =>
        upload.Asset is null || await assets.FindAsync(upload.Id, ct) is not null ? await OfAsync(upload, withMissing: false, ct) : null;

    /// <summary>The row.</summary>
    /// <param name="upload">The upload.</param>
    /// <param name="withMissing">Say which chunks are missing, when some have come.</param>
    /// <param name="ct">Ends the look.</param>
    public async Task<VidPipelineVideo> OfAsync(Upload upload, bool withMissing, CancellationToken ct)
    {
        var asset = upload.Asset is null ? null : await assets.FindAsync(upload.Id, ct);
        var board = upload is { IsOpen: true, IsComplete: false } ? uploads.BoardOf(upload) : null;
        var said = UploadMetadata.TryRead(upload.Metadata) ?? UploadMetadata.None;
        var status = asset is null ? StatusOf(upload) : StatusOf(asset);
        var (hls, dash) = status == "completed" ? LinksOf(asset!) : (null, null);
        return new VidPipelineVideo(
            upload.Number,
            upload.Id.Value,
            asset?.Title ?? said["title"] ?? "",
            said["description"],
            upload.ChunkCount,
            board?.Received ?? (upload.Reason is null ? upload.ChunkCount : 0),
            status,
            asset?.Reason ?? upload.Reason,
            hls,
            hls,
            dash,
            PyHlsInfo.IsoFormat(upload.CreatedAt),
            PyHlsInfo.IsoFormat(asset is { } a && a.UpdatedAt > upload.UpdatedAt ? a.UpdatedAt : upload.UpdatedAt),
            withMissing && board is { Received: > 0 } ? board.MissingNumbers() : null);
    }

    private static string StatusOf(Upload upload) => upload switch
    {
        { Reason: not null } => "failed",
        { IsComplete: true } => "processing",
        _ => "uploading",
    };

    private static string StatusOf(Asset asset) => asset.State switch
    {
        AssetState.Ready => "completed",
        AssetState.Processing => "processing",
        _ => "failed",
    };

    private (string? Hls, string? Dash) LinksOf(Asset asset)
    {
        var query = "?token=" + tokens.Issue(asset).Token;
        return ($"/media/uploads/{asset.Id}/hls/playlist.m3u8{query}", $"/media/uploads/{asset.Id}/dash/manifest.mpd{query}");
    }
}
