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
/// Counts the views of links that may be viewed a number of times. A view is a playback, however often its player asks for something. It belongs to one
/// program, and to no more than <see cref="ViewClaim.MostAddresses"/> addresses: else one view would do for everybody who is told its URL.
/// <code>
///   view=… in the query   a playback that has begun: manifests carry it on into their URLs. By the same program, from an address of the view or one more
///   the same client       program and address of a view: a reload is none, nor the other format
///   anybody else          a new view, when one is left; counted in the catalog, so that a restart gives none back
/// </code>
/// A view that is in use goes on to the end of its link; one of which nothing was asked for <see cref="Window"/> has ended.
/// </summary>
internal sealed class LinkViews(IViewCatalog catalog, SigningSecret secret, TimeProvider clock)
{
    /// <summary>How long nothing may be asked for: a pause in a film. Whoever comes later has begun another view.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromHours(6);

    /// <summary>For how long at most the catalog does not know that a view is in use: half of it is gone when it is told again, and half when it is asked again.</summary>
    public static readonly TimeSpan Told = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Clients of views remembered; about 250 bytes each. When full, all are forgotten and read again. They are found by the view that they have and not by what
    /// they say: who says another with each request is looked up with each, and takes nobody's room.
    /// </summary>
    private const int Capacity = 16_384;

    private readonly ConcurrentDictionary<(AssetId Link, AssetId? Said, string Program, string Address), (AssetId View, DateTimeOffset AskedAt)> _known = new();

    /// <summary>The view that a request belongs to; null when all views are used up.</summary>
    public async ValueTask<AssetId?> AdmitAsync(HttpContext context, IPlayableFeature playable, ViewLimit limit)
    {
        var now = clock.GetUtcNow();
        AssetId? said = AssetId.TryParse(Credentials.Query(context.Request, "view").ToString(), null, out var id) ? id : null;
        var (program, address) = (Sign(ProgramOf(context.Request.Headers.UserAgent.ToString())), AddressOf(context));
        if (_known.TryGetValue((limit.Link, said, program, address), out var known) && now - known.AskedAt < Told / 2)
        {
            return known.View;
        }

        var claim = new ViewClaim(
            limit.Link, playable.Asset.Id, said, program, address, limit.Most, now, now - Window - Told, now - (Told / 2), playable.ExpiresAt);
        if (await catalog.ClaimViewAsync(claim, context.RequestAborted) is not { } view)
        {
            return null;
        }

        if (_known.Count >= Capacity)
        {
            _known.Clear();
        }

        _known[(limit.Link, said is null ? (AssetId?)null : view, program, address)] = (view, now);
        return view;
    }

    /// <summary>What a program calls itself. Apple's plays media in a process that has another name than the browser which asked for the same a moment before,
    /// so all of those are one.</summary>
    private static string ProgramOf(string userAgent) =>
        userAgent.Contains("AppleCoreMedia/", StringComparison.Ordinal)
        || (userAgent.Contains(" Safari/", StringComparison.Ordinal) && userAgent.Contains(" Version/", StringComparison.Ordinal)
            && !userAgent.Contains("Android", StringComparison.Ordinal))
            ? "AppleCoreMedia"
            : userAgent;

    private string AddressOf(HttpContext context)
    {
        Span<byte> line = stackalloc byte[ClientAddress.MostLineBytes];
        return Sign(Convert.ToHexStringLower(line[..ClientAddress.WriteLine(ClientAddress.Of(context) ?? IPAddress.None, line)]));
    }

    /// <summary>Only keyed hashes are kept: the catalog is no list of who watched what.</summary>
    private string Sign(string text) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(secret.Key, Encoding.UTF8.GetBytes(text)).AsSpan(0, ViewClaim.AddressChars / 2));
}

/// <summary>Endpoint metadata: what is asked for here is no view of a title, such as its poster.</summary>
internal sealed class CountsNoView
{
    /// <summary>The one instance.</summary>
    public static readonly CountsNoView Instance = new();
}
