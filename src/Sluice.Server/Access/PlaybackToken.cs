using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sluice.Server.Catalog;

namespace Sluice.Server.Access;

/// <summary>
/// What a playback token says. Written and read only in this file: a JWS (RFC 7515) in compact form with the one
/// header <c>{"alg":"HS256","typ":"JWT"}</c>, byte for byte. There is no algorithm to choose, no key to look up and no
/// encryption, so there is nothing to confuse (docs/adr/0001-own-jws.md).
/// </summary>
/// <param name="Asset"><c>sub</c>: the one asset that it opens; none when it opens a channel.</param>
/// <param name="Epoch"><c>epo</c>: it is dead once the epoch of what it opens is another.</param>
/// <param name="IssuedAt"><c>iat</c>: seconds since 1970.</param>
/// <param name="ExpiresAt"><c>exp</c>: seconds since 1970; from this instant it opens nothing.</param>
/// <param name="FollowsAsset"><c>fol</c> = 1: it ends when the asset does, if that is before <c>exp</c>, and so lives longer
/// when the asset's life is extended.</param>
internal readonly record struct PlaybackToken(
    AssetId Asset, int Epoch, long IssuedAt, long ExpiresAt, bool FollowsAsset)
{
    /// <summary><c>chn</c> instead of <c>sub</c>: the one channel that it opens. A claim of its own, since a channel's name may look like an
    /// asset's id.</summary>
    public string? Channel { get; init; }

    /// <summary><c>ses</c>: the session in which an asset's token was given out; it ends when that does. Null for any other token.</summary>
    public AssetId? Session { get; init; }

    /// <summary><c>bnd</c>: the address or network that a client must have. Null for any.</summary>
    public AddressRange? BoundTo { get; init; }

    /// <summary><c>vws</c>: how often an asset may be viewed by this link, which <c>lnk</c> names for those who count. Null for any number of times.</summary>
    public ViewLimit? Views { get; init; }

    /// <summary>Most views that a link can have.</summary>
    public const int MostViews = 100_000;

    /// <summary>Longest token that is looked at, in characters.</summary>
    public const int LongestToken = 2048;

    /// <summary>The last second of the year 9999: beyond it a time has no <see cref="DateTimeOffset"/>.</summary>
    private const long LastSecond = 253_402_300_799;

    private const string Header = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
    private const int SignatureChars = 43; // 32 bytes, unpadded

    private static readonly SearchValues<char> Base64UrlChars =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>Signs.</summary>
    public string Sign(ReadOnlySpan<byte> key)
    {
        var payload = new ArrayBufferWriter<byte>(128);
        using (var json = new Utf8JsonWriter(payload))
        {
            json.WriteStartObject();
            if (Channel is not null)
            {
                json.WriteString("chn"u8, Channel);
            }
            else
            {
                json.WriteString("sub"u8, Asset.Value);
            }

            json.WriteNumber("iat"u8, IssuedAt);
            json.WriteNumber("exp"u8, ExpiresAt);
            json.WriteNumber("epo"u8, Epoch);
            if (FollowsAsset)
            {
                json.WriteNumber("fol"u8, 1);
            }

            if (Session is { } session)
            {
                json.WriteString("ses"u8, session.Value);
            }

            if (BoundTo is { } range)
            {
                json.WriteString("bnd"u8, range.ToString());
            }

            if (Views is { } views)
            {
                json.WriteString("lnk"u8, views.Link.Value);
                json.WriteNumber("vws"u8, views.Most);
            }

            json.WriteEndObject();
        }

        var signed = $"{Header}.{Base64Url.EncodeToString(payload.WrittenSpan)}";
        return $"{signed}.{Signature(key, signed)}";
    }

    /// <summary>Reads a token that this key signed; false for anything else. Does not look at the clock.</summary>
    public static bool TryRead(ReadOnlySpan<char> token, ReadOnlySpan<byte> key, out PlaybackToken claims)
    {
        claims = default;
        if (token.Length is <= 0 or > LongestToken
            || !token.StartsWith(Header, StringComparison.Ordinal)
            || token.Length <= Header.Length
            || token[Header.Length] != '.')
        {
            return false;
        }

        var rest = token[(Header.Length + 1)..];
        var dot = rest.IndexOf('.');
        if (dot <= 0)
        {
            return false;
        }

        var payload = rest[..dot];
        var signature = rest[(dot + 1)..];
        if (signature.Length != SignatureChars
            || payload.ContainsAnyExcept(Base64UrlChars)
            || signature.ContainsAnyExcept(Base64UrlChars))
        {
            return false;
        }

        // Compared as text, so that only the canonical encoding of the signature passes.
        Span<byte> given = stackalloc byte[SignatureChars];
        Span<byte> expected = stackalloc byte[SignatureChars];
        Encoding.ASCII.GetBytes(signature, given);
        Encoding.ASCII.GetBytes(Signature(key, token[..(Header.Length + 1 + dot)]), expected);
        return CryptographicOperations.FixedTimeEquals(given, expected) && TryReadClaims(payload, out claims);
    }

    private static string Signature(ReadOnlySpan<byte> key, ReadOnlySpan<char> signed)
    {
        Span<byte> text = stackalloc byte[LongestToken];
        var length = Encoding.ASCII.GetBytes(signed, text);
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, text[..length], mac);
        return Base64Url.EncodeToString(mac);
    }

    /// <summary>Exactly our claims, each once, each of its type: a claim that we do not know may be a restriction.</summary>
    private static bool TryReadClaims(ReadOnlySpan<char> payload, out PlaybackToken claims)
    {
        claims = default;
        Span<byte> bytes = stackalloc byte[LongestToken];
        if (!Base64Url.TryDecodeFromChars(payload, bytes, out var length))
        {
            return false;
        }

        AssetId? asset = null, session = null, link = null;
        AddressRange? boundTo = null;
        string? channel = null;
        long? issuedAt = null, expiresAt = null, epoch = null, follows = null, views = null;
        try
        {
            var json = new Utf8JsonReader(bytes[..length], new JsonReaderOptions { MaxDepth = 1 });
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var known = json.ValueTextEquals("sub"u8) ? TakeAsset(ref json, ref asset)
                    : json.ValueTextEquals("chn"u8) ? TakeChannel(ref json, ref channel)
                    : json.ValueTextEquals("ses"u8) ? TakeAsset(ref json, ref session)
                    : json.ValueTextEquals("lnk"u8) ? TakeAsset(ref json, ref link)
                    : json.ValueTextEquals("bnd"u8) ? TakeRange(ref json, ref boundTo)
                    : json.ValueTextEquals("vws"u8) ? TakeNumber(ref json, ref views, MostViews)
                    : json.ValueTextEquals("iat"u8) ? TakeNumber(ref json, ref issuedAt, LastSecond)
                    : json.ValueTextEquals("exp"u8) ? TakeNumber(ref json, ref expiresAt, LastSecond)
                    : json.ValueTextEquals("epo"u8) ? TakeNumber(ref json, ref epoch, int.MaxValue)
                    : json.ValueTextEquals("fol"u8) && TakeNumber(ref json, ref follows, 1);
                if (!known)
                {
                    return false;
                }
            }

            if (json.TokenType != JsonTokenType.EndObject || json.Read())
            {
                return false;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: the JSON holds a string that is no valid UTF-8 or UTF-16.
            return false;
        }

        // One thing, not two; a channel has no end of its own that could be followed, is its session's alone, and is not bound; and views are those of a link.
        if (asset is null == channel is null || (channel is not null && (follows ?? views) is not null)
            || (channel is not null && (session is not null || boundTo is not null)) || link is null != views is null || views == 0
            || issuedAt is null || expiresAt is null || epoch is null)
        {
            return false;
        }

        claims = new PlaybackToken(asset ?? default, (int)epoch.Value, issuedAt.Value, expiresAt.Value, follows == 1)
        {
            Channel = channel,
            Session = session,
            BoundTo = boundTo,
            Views = link is { } counted ? new ViewLimit(counted, (int)views!.Value) : null,
        };
        return true;
    }

    private static bool TakeAsset(ref Utf8JsonReader json, ref AssetId? claim)
    {
        if (claim is not null || !json.Read() || json.TokenType != JsonTokenType.String
            || !AssetId.TryParse(json.GetString(), null, out var id))
        {
            return false;
        }

        claim = id;
        return true;
    }

    private static bool TakeChannel(ref Utf8JsonReader json, ref string? claim)
    {
        if (claim is not null || !json.Read() || json.TokenType != JsonTokenType.String
            || json.GetString() is not { } name || !ChannelName.IsValid(name))
        {
            return false;
        }

        claim = name;
        return true;
    }

    private static bool TakeRange(ref Utf8JsonReader json, ref AddressRange? claim)
    {
        if (claim is not null || !json.Read() || json.TokenType != JsonTokenType.String || !AddressRange.TryParse(json.GetString(), out var range))
        {
            return false;
        }

        claim = range;
        return true;
    }

    private static bool TakeNumber(ref Utf8JsonReader json, ref long? claim, long largest)
    {
        if (claim is not null || !json.Read() || json.TokenType != JsonTokenType.Number
            || !json.TryGetInt64(out var value) || value < 0 || value > largest)
        {
            return false;
        }

        claim = value;
        return true;
    }
}
