using Microsoft.Extensions.Caching.Memory;
using Sluice.Media.Crypto;
using Sluice.Media.Manifests;

namespace Sluice.Server.Deliver;

/// <summary>
/// The second view of an asset: HLS with MPEG-TS segments, muxed on request from the same index. A segment is muxed
/// whole before it is sent, because only then is its length known; how many are in the making is bounded. Those whose media lie elsewhere
/// are counted apart, each title for itself: when a server or a swarm is silent, nobody else waits.
/// </summary>
internal sealed class TsDelivery(ManifestDelivery manifests, TimeProvider clock) : IDisposable
{
    /// <summary>Segment names as PyHLS has them: <c>segment0.ts</c>, from 0.</summary>
    public static readonly SegmentUris FlatUris = new() { Prefix = "segment", Suffix = ".ts", FirstNumber = 0 };

    /// <summary>Segment names below <c>…/ts/{rendition}/</c>: <c>1.ts</c>, from 1.</summary>
    public static readonly SegmentUris NestedUris = new() { Suffix = ".ts" };

    /// <summary>Media type of MPEG-TS segments (RFC 8216 section 3.2).</summary>
    public const string TsType = "video/mp2t";

    private const long PlanCacheBytes = 8 << 20;
    private const int MostAtOnce = 8;

    /// <summary>How long a segment whose media lie elsewhere waits for its turn, before its player is told to ask again.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    private readonly MemoryCache _plans = new(new MemoryCacheOptions { SizeLimit = PlanCacheBytes });
    private readonly SemaphoreSlim _slots = new(MostAtOnce);

    /// <summary>Sends the media playlist of a rendition.</summary>
    public Task SendPlaylistAsync(HttpContext context, OpenAsset asset, TsRendition rendition, SegmentUris uris) =>
        manifests.SendAsync(context, asset, $"ts-{rendition.Name}-{uris.Prefix}", ManifestDelivery.HlsType, async ct =>
            rendition.Playlist(await PlanAsync(asset, rendition, ct), uris, asset.Secret is null ? null : uris.Prefix + EncryptedDelivery.KeyFile));

    /// <summary>Where segments are, seen from a playlist beside <c>master.m3u8</c>. PyHLS's own names have no version in them, and would be others once they
    /// are encrypted.</summary>
    public static SegmentUris UrisOf(OpenAsset asset, TsRendition rendition) =>
        asset.Secret is null ? FlatUris : new SegmentUris { Prefix = $"{asset.Version}/ts/{rendition.Name}/", Suffix = ".ts" };

    /// <summary>What a rendition's key is made for.</summary>
    public static string KeyNameOf(TsRendition rendition) => "ts/" + rendition.Name;

    /// <summary>Sends one segment; false when there is none of that number.</summary>
    /// <param name="context">The request, let in by the gate.</param>
    /// <param name="asset">The asset, held.</param>
    /// <param name="rendition">Which tracks.</param>
    /// <param name="number">From 1, whatever the URL counts from.</param>
    /// <exception cref="ChunkAbsentException">Its media lie elsewhere, and those of others are still waited for.</exception>
    public async Task<bool> SendSegmentAsync(HttpContext context, OpenAsset asset, TsRendition rendition, int number)
    {
        var ct = context.RequestAborted;
        var plan = await PlanAsync(asset, rendition, ct);
        if (number < 1 || number > plan.Length)
        {
            return false;
        }

        var slots = await EnterAsync(asset, ct);
        try
        {
            using var body = new PooledBufferWriter(1 << 20);
            await TsSegmentMuxer.WriteAsync(rendition, plan[number - 1], body, ct);
            var print = rendition is { Video.IsMade: true } or { Audio.IsMade: true } ? "-" + BytePrint.Of(body.Written.Span) : "";
            var etag = $"\"{asset.Version}-ts-{rendition.Name}-{number}{print}\"";
            if (asset.Secret is not { } secret)
            {
                await SendAsync(context, body.Written, etag);
                return true;
            }

            using var encrypted = new PooledBufferWriter(SegmentEncryptor.MostEncryptedBytes(body.Written.Length));
            EncryptedDelivery.Encrypt(body.Written.Span, secret, KeyNameOf(rendition), number, encrypted);
            await SendAsync(context, encrypted.Written, etag);

            return true;
        }
        finally
        {
            slots.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _plans.Dispose();
        _slots.Dispose();
    }

    private static async Task SendAsync(HttpContext context, ReadOnlyMemory<byte> body, string etag)
    {
        var range = Representation.Begin(context, TsType, Representation.Immutable, body.Length, etag);
        if (range.Length > 0)
        {
            await context.Response.BodyWriter.WriteAsync(body.Slice((int)range.Start, (int)range.Length), context.RequestAborted);
        }
    }

    /// <summary>Waits for a slot.</summary>
    /// <returns>Where it is given back.</returns>
    private async Task<SemaphoreSlim> EnterAsync(OpenAsset asset, CancellationToken ct)
    {
        if (!asset.IsElsewhere)
        {
            await _slots.WaitAsync(ct);
            return _slots;
        }

        using var patience = new CancellationTokenSource(Patience, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        try
        {
            await asset.TurnsElsewhere.WaitAsync(both.Token);
            return asset.TurnsElsewhere;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new ChunkAbsentException("As many segments as may are waiting for another server.", 2);
        }
    }

    private async ValueTask<TsPlanSegment[]> PlanAsync(OpenAsset asset, TsRendition rendition, CancellationToken ct)
    {
        var key = (asset.Id, asset.Version, rendition.Name);
        if (_plans.TryGetValue(key, out TsPlanSegment[]? plan) && plan is not null)
        {
            return plan;
        }

        plan = await rendition.PlanAsync(ct);
        _plans.Set(key, plan, new MemoryCacheEntryOptions { Size = plan.Length * 40L });
        return plan;
    }
}
