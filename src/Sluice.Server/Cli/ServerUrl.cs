using System.Net;
using System.Net.Sockets;

namespace Sluice.Server.Cli;

/// <summary>How a server on this machine is reached.</summary>
internal static class ServerUrl
{
    /// <summary>The address for someone on this machine, such as <c>http://127.0.0.1:8000</c>: a server that listens
    /// on every address is reached on loopback.</summary>
    public static string Of(string host, int port, string scheme = "http")
    {
        if (!IPAddress.TryParse(host, out var address))
        {
            return $"{scheme}://{host}:{port}";
        }

        address = address.Equals(IPAddress.Any) ? IPAddress.Loopback
            : address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback
            : address;
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? $"{scheme}://[{address}]:{port}" : $"{scheme}://{address}:{port}";
    }
}
