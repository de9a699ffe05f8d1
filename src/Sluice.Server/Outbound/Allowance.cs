using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Sluice.Server.Outbound;

/// <summary>
/// What an operator opened although it is not public: a network (<c>10.0.0.0/8</c>) at every port, an address at one port
/// (<c>[::1]:8080</c>), or a name at one port (<c>nas.lan:8080</c>), whatever address that name has.
/// </summary>
internal sealed class Allowance
{
    /// <summary>The network that is open at every port; null when this is one port of one host.</summary>
    public IPNetwork? Network { get; private init; }

    private IPAddress? Address { get; init; }

    private string? Name { get; init; }

    private int Port { get; init; }

    /// <summary>Reads an entry of <c>outbound.allow</c>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Allowance? allowance)
    {
        allowance = null;
        if (text.Contains('/', StringComparison.Ordinal))
        {
            allowance = IPNetwork.TryParse(text, out var network) ? new Allowance { Network = network } : null;
            return allowance is not null;
        }

        var colon = text.LastIndexOf(':');
        if (colon <= 0
            || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            || port is 0 or > IPEndPoint.MaxPort)
        {
            return false;
        }

        var host = text[..colon];
        var bracketed = host.StartsWith('[') && host.EndsWith(']');
        var bare = bracketed ? host[1..^1] : host;
        if (bracketed != bare.Contains(':', StringComparison.Ordinal) || Uri.CheckHostName(bare) is UriHostNameType.Unknown or UriHostNameType.Basic)
        {
            return false;
        }

        allowance = IPAddress.TryParse(bare, out var address)
            ? new Allowance { Address = Plain(address), Port = port }
            : new Allowance { Name = Bare(bare), Port = port };
        return true;
    }

    /// <summary>The host of a URL, at its port.</summary>
    public static Allowance? Of(OutboundUrl url)
    {
        var host = url.Address.HostNameType == UriHostNameType.IPv6 ? url.Address.Host : url.Address.IdnHost;
        return Of(host, url.Address.Port);
    }

    /// <summary>A host, an IPv6 address with or without brackets, at a port; null when it is none.</summary>
    public static Allowance? Of(string host, int port)
    {
        var bracketed = host.Contains(':', StringComparison.Ordinal) && host[0] != '[' ? $"[{host}]" : host;
        return TryParse(string.Create(CultureInfo.InvariantCulture, $"{bracketed}:{port}"), out var allowance) ? allowance : null;
    }

    /// <summary>Whether this entry opens an address that was found for a name.</summary>
    public bool Opens(string host, IPAddress address, int port) => this switch
    {
        { Network: { } network } => network.Contains(Plain(address)),
        { Address: { } only } => only.Equals(Plain(address)) && port == Port,
        _ => port == Port && string.Equals(Name, Bare(host), StringComparison.OrdinalIgnoreCase),
    };

    /// <summary>An IPv4 address in its own form.</summary>
    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static string Bare(string name) => name.TrimEnd('.');
}
