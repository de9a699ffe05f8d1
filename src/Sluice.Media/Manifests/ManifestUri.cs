using System.Buffers;
using System.Text;

namespace Sluice.Media.Manifests;

/// <summary>Checks and spells the URIs and queries that go into manifests (RFC 3986).</summary>
internal static class ManifestUri
{
    private const string Unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

    private static readonly SearchValues<byte> QueryBytes =
        SearchValues.Create(Encoding.ASCII.GetBytes(Unreserved + "!$&'()*+,;=:@/?%"));

    /// <summary>No <c>?</c> and <c>#</c>: the query is inserted behind.</summary>
    private static readonly SearchValues<char> UriChars = SearchValues.Create(Unreserved + "!$&'()*+,;=:@/%[]");

    /// <summary>The URI's bytes as a manifest spells them.</summary>
    /// <exception cref="ArgumentException">It has a query, a fragment or a character to be percent-encoded.</exception>
    public static byte[] Encode(string uri, QueryEscaping escaping)
    {
        var bad = uri.AsSpan().IndexOfAnyExcept(UriChars);
        if (bad >= 0)
        {
            throw new ArgumentException($"Not a URI without a query: character U+{(int)uri[bad]:X4} at {bad}.", nameof(uri));
        }

        return Escape(Encoding.ASCII.GetBytes(uri), escaping).ToArray();
    }

    /// <summary>The query as a manifest spells it; the same span when nothing has to be escaped.</summary>
    /// <exception cref="ArgumentException">It is neither empty nor a URI query that starts with a question mark.</exception>
    public static ReadOnlySpan<byte> EscapeQuery(ReadOnlySpan<byte> query, QueryEscaping escaping)
    {
        if (!query.IsEmpty && (query[0] != '?' || query.ContainsAnyExcept(QueryBytes)))
        {
            throw new ArgumentException("Not a query by RFC 3986 section 3.4 with its '?'.", nameof(query));
        }

        return Escape(query, escaping);
    }

    private static ReadOnlySpan<byte> Escape(ReadOnlySpan<byte> ascii, QueryEscaping escaping)
    {
        if (escaping == QueryEscaping.None || !ascii.ContainsAny((byte)'&', (byte)'$'))
        {
            return ascii;
        }

        var escaped = new ArrayBufferWriter<byte>(ascii.Length + 32);
        for (var rest = ascii; !rest.IsEmpty; rest = rest[1..])
        {
            escaped.Write(rest[0] == '&' ? "&amp;"u8 : rest[0] == '$' ? "$$"u8 : rest[..1]);
        }

        return escaped.WrittenSpan;
    }
}
