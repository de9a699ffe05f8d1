using System.Text;
using Microsoft.Extensions.Caching.Memory;
using Sluice.Media.Manifests;
using Sluice.Server.Access;
using Sluice.Server.Hosting;

namespace Sluice.Server.Deliver;

/// <summary>
/// Renders manifests per request. What a manifest says is worked out once per packaging and kept as a template in a
/// cache bounded by bytes; a request costs one copy of it with the viewer's query filled in.
/// </summary>
internal sealed class ManifestDelivery : IDisposable
{
    /// <summary>Media type of playlists (RFC 8216 section 4).</summary>
    public const string HlsType = "application/vnd.apple.mpegurl";

    /// <summary>Media type of MPDs (ISO/IEC 23009-1 annex C).</summary>
    public const string DashType = "application/dash+xml";
    private const string Revalidate = "no-cache";
    private const int ChunkBytes = 64 * 1024;

    /// <summary>Memory for templates: some hundred feature films or a dozen 11-hour titles.</summary>
    private const long CacheBytes = 16 << 20;

    private readonly MemoryCache _templates = new(new MemoryCacheOptions { SizeLimit = CacheBytes });

    /// <summary>Sends the multivariant playlist.</summary>
    public Task SendMultivariantAsync(HttpContext context, OpenAsset asset) => SendAsync(context, asset, "master", HlsType,
        _ => ValueTask.FromResult(TitleManifests.Multivariant(
            asset.Tracks, FolderOf(asset),
            [.. TitleManifests.Texts(asset.Extras.Subtitles, FolderOf(asset), SubtitleDelivery.Playlist), .. MadeSubtitleDelivery.TracksOf(asset)])));

    /// <summary>Sends the media playlist of one track.</summary>
    public Task SendMediaAsync(HttpContext context, OpenAsset asset, StoredTrack track) =>
        SendAsync(context, asset, track.Summary.Id, HlsType, ct => TitleManifests.MediaAsync(
            track, asset.Tracks, ct, keyUri: asset.Secret is null ? null : EncryptedDelivery.KeyFile));

    /// <summary>Sends the MPD. There is none of what is encrypted in a way that DASH does not have.</summary>
    public Task SendMpdAsync(HttpContext context, OpenAsset asset) => asset.Secret is not null
        ? Problem.WriteAsync(context, ErrorCode.DashUnavailable)
        : SendAsync(context, asset, "mpd", DashType, ct => TitleManifests.MpdAsync(
            asset.Tracks, FolderOf(asset),
            [.. TitleManifests.Texts(asset.Extras.Subtitles, FolderOf(asset), SubtitleDelivery.WholeFile), .. MadeSubtitleDelivery.WholeOf(asset)],
            ct));

    /// <summary>Sends a manifest from its template, which <paramref name="make"/> works out when it is not in the cache.</summary>
    /// <param name="context">The request, let in by the gate.</param>
    /// <param name="asset">The asset, held.</param>
    /// <param name="name">Names the manifest among those of the packaging.</param>
    /// <param name="contentType">Media type.</param>
    /// <param name="make">Works the template out.</param>
    public async Task SendAsync(
        HttpContext context, OpenAsset asset, string name, string contentType, Func<CancellationToken, ValueTask<ManifestTemplate>> make)
    {
        var ct = context.RequestAborted;
        var key = (asset.Id, asset.Version, asset.Revision, name);
        if (!_templates.TryGetValue(key, out ManifestTemplate? template) || template is null)
        {
            template = await make(ct);
            _templates.Set(key, template, new MemoryCacheEntryOptions { Size = template.SizeBytes });
        }

        await SendAsync(context, template, contentType, $"{asset.Version}.{asset.Revision}-{name}");
    }

    /// <summary>Sends a manifest from a template.</summary>
    /// <param name="context">The request, let in by the gate.</param>
    /// <param name="template">The template.</param>
    /// <param name="contentType">Media type.</param>
    /// <param name="state">Names the template among all that this URL ever answers.</param>
    public static async Task SendAsync(HttpContext context, ManifestTemplate template, string contentType, string state)
    {
        var ct = context.RequestAborted;
        var query = QueryOf(context);
        var length = template.GetLength(query);
        var range = Representation.Begin(context, contentType, Revalidate, length, Etag(state, query));
        var output = context.Response.BodyWriter;
        for (var sent = 0L; sent < range.Length;)
        {
            var memory = output.GetMemory((int)Math.Min(ChunkBytes, range.Length - sent));
            var wanted = (int)Math.Min(memory.Length, range.Length - sent);
            var written = template.Render(query, (int)(range.Start + sent), memory.Span[..wanted]);
            output.Advance(written);
            sent += written;
            var flushed = await output.FlushAsync(ct);
            if (flushed.IsCompleted || flushed.IsCanceled)
            {
                return; // The client is gone.
            }
        }
    }

    /// <inheritdoc />
    public void Dispose() => _templates.Dispose();

    /// <summary>Everything but the entrances lies below the version.</summary>
    private static string FolderOf(OpenAsset asset) => asset.Version + "/";

    /// <summary>
    /// The token goes on into the manifest's URLs as it came: in the query. A client that sends it in a header or a
    /// cookie sends it with every request anyway. The gate has checked it, so it has only URL-safe characters. With it goes the view that has begun,
    /// where views are counted.
    /// </summary>
    private static byte[] QueryOf(HttpContext context) =>
        context.Request.Query["token"] is not [{ Length: > 0 } token] ? []
        : Encoding.ASCII.GetBytes(context.Features.Get<IPlayableFeature>()?.View is { } view ? $"?token={token}&view={view}" : "?token=" + token);

    /// <summary>Differs between packagings and between viewers' queries; the same on every node (FNV-1a).</summary>
    private static string Etag(string state, ReadOnlySpan<byte> query)
    {
        var hash = 2166136261;
        foreach (var b in query)
        {
            hash = (hash ^ b) * 16777619;
        }

        return $"\"{state}-{hash:x8}\"";
    }
}
