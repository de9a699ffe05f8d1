using System.Net;

namespace Sluice.Server.Outbound;

/// <summary>Finds the addresses of a name. A seam, so that a test can have names of its own, and names that change their mind.</summary>
/// <exception cref="System.Net.Sockets.SocketException">There are none.</exception>
internal delegate Task<IPAddress[]> ResolveNames(string host, CancellationToken ct);

/// <summary>Names as this machine knows them.</summary>
internal static class NameResolution
{
    /// <summary>Asks the system.</summary>
#pragma warning disable RS0030 // The one place that looks names up; whoever connects checks what it is answered.
    public static ResolveNames System { get; } = Dns.GetHostAddressesAsync;
#pragma warning restore RS0030
}
