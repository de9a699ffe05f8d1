namespace Sluice.Bench.Stores;

/// <summary>nginx that keeps what it passes on (<c>proxy_cache</c>), as its documentation advises for large files that do not change.</summary>
internal static class CachingProxy
{
    /// <summary>Says in each answer where it is from: <c>HIT</c> or <c>MISS</c>.</summary>
    public const string StatusHeader = "X-Cache-Status";

    private const string Kept = "proxy_cache_path cache levels=1:2 keys_zone=kept:10m max_size=4g inactive=1h use_temp_path=off;";

    // The token is no part of the key: the bytes are the same for everybody.
    private const string Keeping = $$"""
        proxy_http_version 1.1; proxy_set_header Connection "";
        proxy_cache kept; proxy_cache_key $uri; proxy_cache_valid 200 1h; proxy_cache_lock on;
        proxy_ignore_headers Cache-Control Expires Vary Set-Cookie;
        add_header {{StatusHeader}} $upstream_cache_status;
        }
        """;

    /// <summary>Starts one before that server.</summary>
    public static Task<NginxServer> StartAsync(Workshop workshop, Uri origin) =>
        StartAsync(workshop, $"location / {{ proxy_pass {origin.GetLeftPart(UriPartial.Authority)};\n");

    /// <summary>Starts one before that node.</summary>
    public static Task<NginxServer> StartAsync(Workshop workshop, KvOrigin node) => StartAsync(workshop, node.Location);

    private static Task<NginxServer> StartAsync(Workshop workshop, string openLocation) =>
        NginxServer.StartAsync(workshop, Kept, openLocation + "\n" + Keeping);
}
