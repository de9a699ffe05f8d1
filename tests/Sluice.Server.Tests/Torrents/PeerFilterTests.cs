using System.Net;
using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Outbound;
using Sluice.Server.Torrents;
using Xunit;

namespace Sluice.Server.Tests.Torrents;

/// <summary>The ranges that the torrent engine is given say the same as the address policy.</summary>
public sealed class PeerFilterTests
{
    [Fact]
    public void What_is_not_public_is_refused()
    {
        var ranges = PeerFilter.Of(new OutboundOptions());
        string[] edges =
        [
            .. ranges.SelectMany(range => (string[])[range.First, range.Last]).SelectMany(Neighbours),
            "1.1.1.1", "8.8.8.8", "127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fe80::1", "fd00::1", "2606:4700::1111", "2002:7f00:1::", "ff02::1",
        ];
        edges.Length.ShouldBeGreaterThan(60);
        foreach (var edge in edges.Select(IPAddress.Parse))
        {
            IsRefused(ranges, edge).ShouldBe(!AddressPolicy.IsPublic(edge), edge.ToString());
        }
    }

    /// <summary>Forms that carry an IPv4 address are refused whatever they carry.</summary>
    [Theory]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("64:ff9b::8.8.8.8")]
    public void No_address_comes_in_disguise(string address) =>
        IsRefused(PeerFilter.Of(new OutboundOptions()), IPAddress.Parse(address)).ShouldBeTrue();

    [Fact]
    public void Networks_that_are_allowed_are_open_and_single_ports_open_no_peer()
    {
        var ranges = PeerFilter.Of(new OutboundOptions { Allow = ["10.0.0.0/8", "127.0.0.1:6969", "nas.lan:80", "fd00::/8"] });

        IsRefused(ranges, IPAddress.Parse("10.255.0.1")).ShouldBeFalse();
        IsRefused(ranges, IPAddress.Parse("fd00::7")).ShouldBeFalse();
        IsRefused(ranges, IPAddress.Parse("11.0.0.1")).ShouldBeFalse();
        IsRefused(ranges, IPAddress.Loopback).ShouldBeTrue();
        IsRefused(ranges, IPAddress.Parse("192.168.0.1")).ShouldBeTrue();
    }

    private static bool IsRefused(IEnumerable<AddressRange> ranges, IPAddress address) => ranges.Last(range => IsIn(range, address)).IsRefused;

    private static bool IsIn(AddressRange range, IPAddress address)
    {
        var (first, last, bytes) = (IPAddress.Parse(range.First).GetAddressBytes(), IPAddress.Parse(range.Last).GetAddressBytes(), address.GetAddressBytes());
        return first.Length == bytes.Length && bytes.AsSpan().SequenceCompareTo(first) >= 0 && bytes.AsSpan().SequenceCompareTo(last) <= 0;
    }

    private static IEnumerable<string> Neighbours(string text)
    {
        var bytes = IPAddress.Parse(text).GetAddressBytes();
        yield return text;
        foreach (var step in (int[])[-1, 1])
        {
            var near = (byte[])bytes.Clone();
            var carry = step;
            for (var i = near.Length - 1; i >= 0 && carry != 0; i--)
            {
                var sum = near[i] + carry;
                (near[i], carry) = ((byte)sum, sum is < 0 or > 255 ? step : 0);
            }

            if (carry == 0)
            {
                yield return new IPAddress(near).ToString();
            }
        }
    }
}
