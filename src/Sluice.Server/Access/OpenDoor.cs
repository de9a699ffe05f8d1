using System.Net;
using Sluice.Server.Hosting;

namespace Sluice.Server.Access;

/// <summary>
/// The first run has no ceremony: bound to loopback, the operator's doors are open to whoever reaches them. Decided
/// from the address that we bind, never from a request: what a request says of its sender can be forged, and behind a
/// proxy every sender is local (docs/adr/0002-gate-and-manage.md).
/// </summary>
internal sealed class OpenDoor(SluiceOptions options)
{
    private readonly OwnPages _own = new(options);

    /// <summary>True when no operator key is needed.</summary>
    public bool IsOpen { get; } = IsLoopback(options.Server.Host);

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

    private static bool IsLoopback(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
