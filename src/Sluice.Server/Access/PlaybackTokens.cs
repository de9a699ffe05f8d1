using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;

namespace Sluice.Server.Access;

/// <summary>A token handed out, and from when on it opens nothing.</summary>
internal readonly record struct IssuedToken(string Token, DateTimeOffset ExpiresAt);

/// <summary>Hands out playback tokens and checks them. A signature is verified once and remembered; expiry and epoch,
/// which change under a token, are looked at on every request.</summary>
internal sealed class PlaybackTokens(SigningSecret secret, SluiceOptions options, TimeProvider clock)
{
    /// <summary>Tokens remembered; about 600 bytes each. When full, all are forgotten and verified again (2 µs).</summary>
    private const int Capacity = 16_384;

    private readonly ConcurrentDictionary<string, VerifiedToken> _verified = new(StringComparer.Ordinal);

    /// <summary>A token for <paramref name="asset"/> that lives for <paramref name="life"/>, or as configured.</summary>
    /// <param name="asset">What it opens.</param>
    /// <param name="life">How long.</param>
    /// <param name="boundTo">Where it opens it; null for everywhere.</param>
    /// <param name="maxViews">How often; null for any number of times.</param>
    public IssuedToken Issue(Asset asset, TimeSpan? life = null, AddressRange? boundTo = null, int? maxViews = null) =>
        Issue(asset, life ?? TimeSpan.FromMinutes(options.Access.TokenMinutes), followsAsset: false, null, boundTo, maxViews);

    /// <summary>A token that ends when the asset does, however often that is extended, but lives no longer than
    /// <paramref name="atMost"/> from now.</summary>
    public IssuedToken IssueFollowing(Asset asset, TimeSpan atMost) => Issue(asset, atMost, followsAsset: true);

    /// <summary>A token as configured, that ends with the session it is given out in, if that is sooner.</summary>
    public IssuedToken IssueWithin(Asset asset, AssetId session) =>
        Issue(asset, TimeSpan.FromMinutes(options.Access.TokenMinutes), followsAsset: false, session);

    /// <summary>A token for a channel that lives for <paramref name="life"/>, or as configured.</summary>
    public IssuedToken Issue(ChannelDoor channel, TimeSpan? life = null)
    {
        var (now, seconds) = Span(life ?? TimeSpan.FromMinutes(options.Access.TokenMinutes));
        var claims = new PlaybackToken(default, channel.Epoch, now, seconds, FollowsAsset: false) { Channel = channel.Name };
        return new IssuedToken(claims.Sign(secret.Key), DateTimeOffset.FromUnixTimeSeconds(seconds));
    }

    /// <summary>The token when this server signed it.</summary>
    public bool TryVerify(ReadOnlySpan<char> text, [NotNullWhen(true)] out VerifiedToken? token)
    {
        if (_verified.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text, out token))
        {
            return true;
        }

        if (!PlaybackToken.TryRead(text, secret.Key, out var claims))
        {
            return false;
        }

        // Only what we signed ourselves gets here, so nobody else can fill the memory.
        if (_verified.Count >= Capacity)
        {
            _verified.Clear();
        }

        token = new VerifiedToken(text.ToString(), claims);
        _verified[token.Text] = token;
        return true;
    }

    private IssuedToken Issue(
        Asset asset, TimeSpan life, bool followsAsset, AssetId? session = null, AddressRange? boundTo = null, int? maxViews = null)
    {
        var (now, seconds) = Span(life);
        var claims = new PlaybackToken(asset.Id, asset.Epoch, now, seconds, followsAsset)
        {
            Session = session,
            BoundTo = boundTo,
            Views = maxViews is { } most ? new ViewLimit(AssetId.New(), most) : null,
        };
        var expiresAt = DateTimeOffset.FromUnixTimeSeconds(seconds);
        return new IssuedToken(
            claims.Sign(secret.Key),
            asset.ExpiresAt is { } end && end < expiresAt ? end : expiresAt);
    }

    /// <summary>This second, and the one when a life that begins now has ended: whole seconds, as JWT has them, rounded up, so that nobody gets
    /// less than was asked for.</summary>
    private (long Now, long End) Span(TimeSpan life)
    {
        var now = clock.GetUtcNow();
        return (now.ToUnixTimeSeconds(), (long)Math.Ceiling((now + life - DateTimeOffset.UnixEpoch).TotalSeconds));
    }
}

/// <summary>A token whose signature has been checked.</summary>
internal sealed class VerifiedToken(string text, PlaybackToken claims)
{
    private PlayableFeature? _last;

    /// <summary>As it was sent.</summary>
    public string Text => text;

    /// <summary>What it says.</summary>
    public PlaybackToken Claims => claims;

    /// <summary>The feature for a request with this token; made once per state of the asset, not once per segment.</summary>
    public PlayableFeature FeatureFor(Asset asset)
    {
        var last = _last;
        if (last is not null && ReferenceEquals(last.Asset, asset))
        {
            return last;
        }

        var end = DateTimeOffset.FromUnixTimeSeconds(claims.ExpiresAt);
        return _last = new PlayableFeature(asset, text, asset.ExpiresAt is { } sooner && sooner < end ? sooner : end)
        {
            Limit = claims.Views,
        };
    }
}
