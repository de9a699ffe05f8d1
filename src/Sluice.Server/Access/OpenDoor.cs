using System.Net;
using Sluice.Server.Hosting;

namespace Sluice.Server.Access;

/// <summary>
/// The first run has no ceremony: bound to loopback, the operator's doors are open to whoever reaches them. They are not where the configuration says that
/// the world comes here: trusted proxies, or a name that is not this machine's. Decided from the configuration, never from a request: what a request says of
/// its sender can be forged, and behind a proxy every sender is local (docs/adr/0002-gate-and-manage.md).
/// </summary>
internal sealed class OpenDoor(SluiceOptions options)
{
    private readonly OwnPages _own = new(options);

    /// <summary>True when no operator key is needed.</summary>
    public bool IsOpen { get; } = IsLocal(options.Server.Host) && options.Server.TrustedProxies.Length == 0
        && options.Server.AllowedHosts.All(IsLocal) && (options.Server.PublicUrl is not { } url || IsLocal(new Uri(url).Host));

    /// <summary>
    /// Whether a request may use the open door. A browser runs pages of other sites, and those must not upload or
    /// delete here with the rights of the person in front of it: an unsafe request that names another origin is refused,
    /// unless the configuration lets that origin in.
    /// </summary>
    public bool ComesFromAnotherSite(HttpRequest request) =>
        !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) && NamesAnotherSite(request);

    /// <summary>Whether a request, of whatever method, was made by a page of another site and says so.</summary>
    public bool NamesAnotherSite(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        return origin.Length > 0 && !_own.Has(request, origin);
    }

    private static bool IsLocal(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase) // RFC 6761 section 6.3
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
