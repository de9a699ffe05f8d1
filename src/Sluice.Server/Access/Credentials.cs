using Microsoft.Net.Http.Headers;

namespace Sluice.Server.Access;

/// <summary>Where the parts of a request that open something are found.</summary>
internal static class Credentials
{
    private const string Bearer = "Bearer ";

    /// <summary>The playback token: query <c>token</c>, cookie <c>sluice_token</c> or a bearer; empty when there is none.</summary>
    public static ReadOnlySpan<char> PlaybackToken(HttpRequest request)
    {
        var inQuery = Query(request, "token");
        if (!inQuery.IsEmpty)
        {
            return inQuery;
        }

        return request.Headers.ContainsKey(HeaderNames.Cookie) && request.Cookies["sluice_token"] is { Length: > 0 } cookie
            ? cookie
            : BearerOf(request);
    }

    /// <summary>The value of <c>Authorization: Bearer …</c>, or empty.</summary>
    public static ReadOnlySpan<char> BearerOf(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? header.AsSpan(Bearer.Length).Trim() : default;
    }

    /// <summary>Whether the request carries anything that may be a key.</summary>
    public static bool HasKey(HttpRequest request) =>
        request.Headers.Authorization.Count > 0 || request.Headers.ContainsKey("X-Admin-Key") || !Query(request, "admin_key").IsEmpty;

    /// <summary>The title's own key, from where endpoints of that kind take it, and then nothing else opens; null when the request has none.</summary>
    public static string? AdminKey(HttpRequest request, AccessKind kind) => kind switch
    {
        AccessKind.AssetAdminByQuery => Query(request, "admin_key").ToString(),
        AccessKind.AssetAdmin or AccessKind.AssetReader when request.Headers.TryGetValue("X-Admin-Key", out var key) => key.ToString(),
        _ => null,
    };

    /// <summary>The first value of a query parameter, without making a dictionary of the query; empty when there is
    /// none.</summary>
    public static ReadOnlySpan<char> Query(HttpRequest request, string name)
    {
        var query = request.QueryString.Value.AsSpan();
        if (!query.IsEmpty)
        {
            query = query[1..];
        }

        while (!query.IsEmpty)
        {
            var end = query.IndexOf('&');
            var pair = end < 0 ? query : query[..end];
            query = end < 0 ? default : query[(end + 1)..];
            if (pair.Length > name.Length && pair[name.Length] == '=' && pair.StartsWith(name, StringComparison.Ordinal))
            {
                var value = pair[(name.Length + 1)..];
                return value.Contains('%') ? Uri.UnescapeDataString(value) : value;
            }
        }

        return default;
    }
}
