using System.Net;
using System.Net.Sockets;

namespace Sluice.Server.Outbound;

/// <summary>
/// Which addresses belong to the public internet. Refused is what the IANA special-purpose registries (RFC 6890 and its updates) do not call
/// globally reachable, and every IPv6 form that carries an IPv4 address for which that is so.
/// </summary>
internal static class AddressPolicy
{
    private static readonly IPNetwork[] Special4 =
    [
        IPNetwork.Parse("0.0.0.0/8"), // "this network", which some systems take for themselves
        IPNetwork.Parse("10.0.0.0/8"),
        IPNetwork.Parse("100.64.0.0/10"), // carrier-grade NAT, RFC 6598
        IPNetwork.Parse("127.0.0.0/8"),
        IPNetwork.Parse("168.63.129.16/32"), // a public address that inside Azure is the machine's own host
        IPNetwork.Parse("169.254.0.0/16"), // link-local, and the metadata of most clouds
        IPNetwork.Parse("172.16.0.0/12"),
        IPNetwork.Parse("192.0.0.0/24"),
        IPNetwork.Parse("192.0.2.0/24"), // documentation
        IPNetwork.Parse("192.88.99.0/24"), // relays of 6to4, RFC 7526
        IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("198.18.0.0/15"), // measurements
        IPNetwork.Parse("198.51.100.0/24"), // documentation
        IPNetwork.Parse("203.0.113.0/24"), // documentation
        IPNetwork.Parse("224.0.0.0/4"), // multicast
        IPNetwork.Parse("240.0.0.0/4"), // reserved, and the broadcast address
    ];

    /// <summary>All that is assigned for unicast, RFC 4291 section 2.4. Unspecified, loopback, link-local, private and multicast are outside.</summary>
    private static readonly IPNetwork Global6 = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] Special6 =
    [
        IPNetwork.Parse("2001::/23"), // protocol assignments; Teredo, which carries IPv4 addresses, is one
        IPNetwork.Parse("2001:db8::/32"), // documentation
        IPNetwork.Parse("2002::/16"), // 6to4, which carries IPv4 addresses
        IPNetwork.Parse("3fff::/20"), // documentation, RFC 9637
    ];

    /// <summary>Where a network that knows IPv6 only keeps the whole of IPv4, RFC 6052.</summary>
    private static readonly IPNetwork Translated = IPNetwork.Parse("64:ff9b::/96");

    /// <summary>
    /// The same as networks, for programs that filter by ranges; where two overlap the later one holds. All of IPv4 is public to begin with and
    /// nothing of IPv6 is; forms of IPv6 that carry an IPv4 address are not.
    /// </summary>
    public static IReadOnlyList<(IPNetwork Network, bool IsPublic)> Networks =>
    [
        .. Special4.Select(static network => (network, false)), (Global6, true), .. Special6.Select(static network => (network, false)),
    ];

    /// <summary>Whether the address is one of the public internet.</summary>
    public static bool IsPublic(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return !Special4.Any(network => network.Contains(address));
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return IsPublic(address.MapToIPv4());
        }

        return Translated.Contains(address)
            ? IsPublic(new IPAddress(address.GetAddressBytes().AsSpan(12)))
            : Global6.Contains(address) && !Special6.Any(network => network.Contains(address));
    }
}
