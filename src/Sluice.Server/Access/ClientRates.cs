using System.Net;
using System.Threading.RateLimiting;
using Sluice.Server.Hosting;

namespace Sluice.Server.Access;

/// <summary>What one client may ask for so often only.</summary>
internal enum RateKind
{
    /// <summary>Playlists and MPDs of titles and channels, and endless streams that are begun.</summary>
    Manifests,

    /// <summary>What is published in the key-value store.</summary>
    Published,

    /// <summary>New playback tokens.</summary>
    Tokens,

    /// <summary>Uploads, imports and sessions that are begun.</summary>
    Uploads,

    /// <summary>Keys that are wrong, and sessions that there are not: their ids open as keys do, and several servers look them up.</summary>
    WrongKeys,
}

/// <summary>
/// Counts requests by client: a bucket of tokens each, which fills up again by and by. Clients are told apart by address, those of IPv6 by the network
/// that one line has; by a hash of it, so that however many there are, no more than <see cref="Buckets"/> buckets are kept. Requests of this machine
/// itself are not counted, unless a proxy on it sends them on for others; all of those are one client when the proxy is not trusted.
/// </summary>
internal sealed class ClientRates(SluiceOptions options) : IDisposable
{
    /// <summary>Buckets of each kind; about 300 bytes each while they are in use. A power of two.</summary>
    private const int Buckets = 16_384;

    /// <summary>What nobody asked for in so many seconds may be asked for at once.</summary>
    private const int SecondsAtOnce = 10;

    /// <summary>What proxies say of whom they ask for; the last one is where a trusted one's word is kept that has been believed.</summary>
    private static readonly string[] OfProxies = ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Original-For"];

    private readonly PartitionedRateLimiter<int>?[] _limiters =
    [
        Limiter(options.RateLimits.Manifests), Limiter(options.RateLimits.Published), Limiter(options.RateLimits.Tokens),
        Limiter(options.RateLimits.Uploads), Limiter(options.RateLimits.WrongKeys),
    ];

    /// <summary>Takes one of what the client has left.</summary>
    /// <param name="context">The request.</param>
    /// <param name="kind">Of what.</param>
    /// <returns>Whether there was one.</returns>
    public bool Take(HttpContext context, RateKind kind)
    {
        if (BucketFor(context, kind) is not { } bucket)
        {
            return true;
        }

        using var lease = _limiters[(int)kind]!.AttemptAcquire(bucket);
        return lease.IsAcquired;
    }

    /// <summary>Whether the client has nothing left.</summary>
    public bool IsUsedUp(HttpContext context, RateKind kind) =>
        BucketFor(context, kind) is { } bucket && _limiters[(int)kind]!.GetStatistics(bucket) is { CurrentAvailablePermits: < 1 };

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var limiter in _limiters)
        {
            limiter?.Dispose();
        }
    }

    private int? BucketFor(HttpContext context, RateKind kind) =>
        _limiters[(int)kind] is null || ClientAddress.Of(context) is not { } client || (IPAddress.IsLoopback(client) && !IsSentOn(context.Request))
            ? null
            : BucketOf(client);

    private static bool IsSentOn(HttpRequest request) => Array.Exists(OfProxies, request.Headers.ContainsKey);

    private static PartitionedRateLimiter<int>? Limiter(int perSecond) => perSecond == 0 ? null : PartitionedRateLimiter.Create<int, int>(bucket =>
        RateLimitPartition.GetTokenBucketLimiter(bucket, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = checked(perSecond * SecondsAtOnce),
            TokensPerPeriod = perSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            QueueLimit = 0,
        }));

    /// <summary>The hash is another in each process, so nobody can look for addresses that share a bucket with somebody.</summary>
    private static int BucketOf(IPAddress client)
    {
        Span<byte> bytes = stackalloc byte[ClientAddress.MostLineBytes];
        var hash = default(HashCode);
        hash.AddBytes(bytes[..ClientAddress.WriteLine(client, bytes)]);
        return hash.ToHashCode() & (Buckets - 1);
    }
}
