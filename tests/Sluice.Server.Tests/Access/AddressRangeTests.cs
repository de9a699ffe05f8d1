using System.Net;
using Shouldly;
using Sluice.Server.Access;
using Xunit;

namespace Sluice.Server.Tests.Access;

public sealed class AddressRangeTests
{
    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7", true)]
    [InlineData("203.0.113.7", "203.0.113.8", false)]
    [InlineData("203.0.113.0/24", "203.0.113.255", true)]
    [InlineData("203.0.113.0/24", "203.0.114.0", false)]
    [InlineData("203.0.113.0/24", "::ffff:203.0.113.9", true)]
    [InlineData("::ffff:203.0.113.0/120", "203.0.113.9", true)]
    [InlineData("::ffff:203.0.113.7", "203.0.113.7", true)]
    [InlineData("0.0.0.0/0", "198.51.100.1", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("2001:db8::/48", "2001:db8:0:1::5", true)]
    [InlineData("2001:db8::/48", "2001:db8:1::", false)]
    [InlineData("2001:DB8::1", "2001:db8::1", true)]
    public void An_address_lies_in_it_or_not(string range, string address, bool lies)
    {
        AddressRange.TryParse(range, out var read).ShouldBeTrue();
        read.Contains(IPAddress.Parse(address)).ShouldBe(lies);
        AddressRange.TryParse(read.ToString(), out var again).ShouldBeTrue();
        again.ShouldBe(read);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("nas.lan")]
    [InlineData("10.1")]
    [InlineData("0x7f000001")]
    [InlineData("2130706433")]
    [InlineData("010.0.0.1")]
    [InlineData("10.0.0.1/8")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0.0/8/8")]
    [InlineData("2001:db8::/129")]
    [InlineData("2001:db8::1/48")]
    [InlineData("fe80::1%eth0")]
    [InlineData("10.0.0.1:80")]
    [InlineData("*")]
    public void What_is_none_is_refused(string? text) => AddressRange.TryParse(text, out _).ShouldBeFalse();
}
