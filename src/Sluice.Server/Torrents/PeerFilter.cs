using System.Net;
using Sluice.Server.Hosting;
using Sluice.Server.Outbound;

namespace Sluice.Server.Torrents;

/// <summary>Addresses from one to another.</summary>
/// <param name="First">The first.</param>
/// <param name="Last">The last, of the same family.</param>
/// <param name="IsRefused">Whether they may not be spoken to.</param>
internal readonly record struct AddressRange(string First, string Last, bool IsRefused);

/// <summary>
/// Whom the torrent engine may speak to, as the ranges that it filters by: the public internet, and the networks of <c>outbound.allow</c>.
/// They hold for peers, and for trackers as they are connected to, so that a name which changes its answer, or a redirect, gains nothing. Entries of
/// a single port open nothing here: the filter knows no ports, and a peer may name any.
/// </summary>
internal static class PeerFilter
{
    /// <summary>The ranges; where two overlap the later one holds.</summary>
    public static IReadOnlyList<AddressRange> Of(OutboundOptions options)
    {
        var opened = options.Allow.Select(text => Allowance.TryParse(text, out var entry) ? entry.Network : null).OfType<IPNetwork>();
        return
        [
            new AddressRange(IPAddress.Any.ToString(), IPAddress.Broadcast.ToString(), IsRefused: false),
            new AddressRange(IPAddress.IPv6Any.ToString(), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", IsRefused: true),
            .. AddressPolicy.Networks.Select(rule => Of(rule.Network, !rule.IsPublic)),
            .. opened.Select(network => Of(network, isRefused: false)),
        ];
    }

    private static AddressRange Of(IPNetwork network, bool isRefused)
    {
        var bytes = network.BaseAddress.GetAddressBytes();
        for (var bit = network.PrefixLength; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] |= (byte)(0x80 >> (bit % 8));
        }

        return new AddressRange(network.BaseAddress.ToString(), new IPAddress(bytes).ToString(), isRefused);
    }
}
