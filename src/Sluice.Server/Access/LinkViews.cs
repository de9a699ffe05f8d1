using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Sluice.Server.Catalog;

namespace Sluice.Server.Access;

/// <summary>How often a link may be viewed.</summary>
/// <param name="Link">The link, as the catalog counts it.</param>
/// <param name="Most">Views of it.</param>
internal readonly record struct ViewLimit(AssetId Link, int Most);

/// <summary>
/// Counts the views of links that may be viewed a number of times. A view is a playback, however often its player asks for something:
/// <code>
///   view=… in the query   a playback that has begun: manifests carry it on into their URLs
///   the same client       within <see cref="Window"/>, it goes on with the view that it has: a reload is none, nor the other format
///   anybody else          a new view, when one is left; counted in the catalog, so that a restart gives none back
/// </code>
/// </summary>
internal sealed class LinkViews(IViewCatalog catalog, SigningSecret secret, TimeProvider clock)
{
    /// <summary>How long a view lasts: a film with its pauses. Whoever comes later has begun another one.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromHours(6);

    /// <summary>Views remembered; about 200 bytes each. When full, all are forgotten and read again.</summary>
    private const int Capacity = 16_384;

    private readonly ConcurrentDictionary<(AssetId Link, string Who), (AssetId View, DateTimeOffset BegunAt)> _known = new();

    /// <summary>The view that a request belongs to; null when all views are used up.</summary>
    public async ValueTask<AssetId?> AdmitAsync(HttpContext context, IPlayableFeature playable, ViewLimit limit)
    {
        var ct = context.RequestAborted;
        var since = clock.GetUtcNow() - Window;
        if (AssetId.TryParse(Credentials.Query(context.Request, "view").ToString(), null, out var said))
        {
            var begun = _known.TryGetValue((limit.Link, said.Value), out var known) ? known.BegunAt : await catalog.FindViewAsync(limit.Link, said, ct);
            if (begun > since)
            {
                return Keep(limit.Link, said.Value, said, begun.Value);
            }
        }

        var client = ClientOf(context);
        if (_known.TryGetValue((limit.Link, client), out var own) && own.BegunAt > since)
        {
            return own.View;
        }

        var claim = new ViewClaim(limit.Link, playable.Asset.Id, client, limit.Most, clock.GetUtcNow(), since, playable.ExpiresAt);
        return await catalog.ClaimViewAsync(claim, ct) is { } view ? Keep(limit.Link, client, view.Id, view.BegunAt) : null;
    }

    private AssetId Keep(AssetId link, string who, AssetId view, DateTimeOffset begunAt)
    {
        if (_known.Count >= Capacity)
        {
            _known.Clear();
        }

        _known[(link, who)] = (view, begunAt);
        return view;
    }

    /// <summary>A client is an address and a program there. Only a keyed hash of it is kept: the catalog is no list of who watched what.</summary>
    private string ClientOf(HttpContext context)
    {
        var who = $"{ClientAddress.Of(context) ?? IPAddress.None}\n{context.Request.Headers.UserAgent}";
        return Convert.ToHexStringLower(HMACSHA256.HashData(secret.Key, Encoding.UTF8.GetBytes(who)).AsSpan(0, 16));
    }
}

/// <summary>Endpoint metadata: what is asked for here is no view of a title, such as its poster.</summary>
internal sealed class CountsNoView
{
    /// <summary>The one instance.</summary>
    public static readonly CountsNoView Instance = new();
}
