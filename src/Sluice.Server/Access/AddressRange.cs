using System.Globalization;
using System.Net;

namespace Sluice.Server.Access;

/// <summary>An address, or a network such as <c>203.0.113.0/24</c>. IPv4 in its IPv6 form (<c>::ffff:…</c>) is IPv4.</summary>
internal readonly record struct AddressRange
{
    /// <summary>What a range may be, for the reader of a refusal.</summary>
    public const string Rule = "an IP address, or a network such as 203.0.113.0/24 or 2001:db8::/48";

    /// <summary>Bits before the IPv4 address in an IPv6 address that holds one (RFC 4291 section 2.5.5.2).</summary>
    private const int MappedBits = 96;

    private AddressRange(IPNetwork network) => Network = network;

    /// <summary>The network; one address is a network of that alone.</summary>
    public IPNetwork Network { get; }

    /// <summary>Reads a range; false when it is none, or a network with bits behind its prefix.</summary>
    public static bool TryParse(string? text, out AddressRange range)
    {
        range = default;
        var slash = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        var name = slash < 0 ? text : text![..slash];
        if (!IPAddress.TryParse(name, out var address) || name.Contains('%', StringComparison.Ordinal)
            || (address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork && address.ToString() != name))
        {
            return false; // .NET reads 10.1 and 0x7f000001 as addresses too, and a scope has no meaning elsewhere.
        }

        var most = address.GetAddressBytes().Length * 8;
        var bits = most;
        if (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out bits) || bits > most))
        {
            return false;
        }

        if (address.IsIPv4MappedToIPv6 && bits >= MappedBits)
        {
            (address, bits) = (address.MapToIPv4(), bits - MappedBits);
        }

        if (!HasNothingBehind(address, bits))
        {
            return false;
        }

        range = new AddressRange(new IPNetwork(address, bits));
        return true;
    }

    /// <summary>Whether an address lies in it.</summary>
    public bool Contains(IPAddress address) => Network.Contains(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    /// <inheritdoc />
    public override string ToString() => Network.ToString();

    private static bool HasNothingBehind(IPAddress address, int bits)
    {
        var bytes = address.GetAddressBytes();
        for (var bit = bits; bit < bytes.Length * 8; bit++)
        {
            if ((bytes[bit / 8] & (0x80 >> (bit % 8))) != 0)
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>Where a request comes from.</summary>
internal static class ClientAddress
{
    /// <summary>The address of the client, behind proxies that are trusted (<c>server.trustedProxies</c>) too; IPv4 in its own form. Null on a connection
    /// without addresses.</summary>
    public static IPAddress? Of(HttpContext context) => context.Connection.RemoteIpAddress switch
    {
        { IsIPv4MappedToIPv6: true } mapped => mapped.MapToIPv4(),
        var address => address,
    };
    /// <summary>Bytes of an address that tell one line from another: all of IPv4, and of IPv6 the network of one customer (RFC 6177).</summary>
    public const int MostLineBytes = 8;

    /// <summary>Writes what tells the line of an address from others: a computer changes the rest of its IPv6 address as it likes (RFC 8981).</summary>
    /// <returns>How many bytes.</returns>
    public static int WriteLine(IPAddress address, Span<byte> line)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        length = Math.Min(length, MostLineBytes);
        bytes[..length].CopyTo(line);
        return length;
    }
}
