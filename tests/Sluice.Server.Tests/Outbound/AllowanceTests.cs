using System.Net;
using Shouldly;
using Sluice.Server.Outbound;
using Xunit;

namespace Sluice.Server.Tests.Outbound;

/// <summary>Entries of <c>outbound.allow</c>: what they open, and nothing beside it.</summary>
public sealed class AllowanceTests
{
    [Theory]
    [InlineData("10.0.0.0/8", "any.example", "10.1.2.3", 1, true)]
    [InlineData("10.0.0.0/8", "any.example", "::ffff:10.1.2.3", 1, true)]
    [InlineData("10.0.0.0/8", "any.example", "11.0.0.0", 1, false)]
    [InlineData("fd00::/8", "any.example", "fd12::1", 443, true)]
    [InlineData("127.0.0.1:80", "localhost", "127.0.0.1", 80, true)]
    [InlineData("127.0.0.1:80", "localhost", "127.0.0.1", 81, false)]
    [InlineData("127.0.0.1:80", "localhost", "127.0.0.2", 80, false)]
    [InlineData("[::1]:80", "localhost", "::1", 80, true)]
    [InlineData("[::1]:80", "localhost", "::2", 80, false)]
    [InlineData("nas.lan:8080", "NAS.lan.", "10.0.0.9", 8080, true)]
    [InlineData("nas.lan:8080", "nas.lan", "10.0.0.9", 80, false)]
    [InlineData("nas.lan:8080", "evil-nas.lan", "10.0.0.9", 8080, false)]
    [InlineData("nas.lan:8080", "nas.lan.evil.example", "10.0.0.9", 8080, false)]
    public void Opens(string entry, string host, string address, int port, bool opens)
    {
        Allowance.TryParse(entry, out var allowance).ShouldBeTrue();

        allowance!.Opens(host, IPAddress.Parse(address), port).ShouldBe(opens);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nas.lan")]
    [InlineData("10.0.0.1")]
    [InlineData(":80")]
    [InlineData("nas.lan:0")]
    [InlineData("nas.lan:65536")]
    [InlineData("nas.lan:-1")]
    [InlineData("nas.lan:http")]
    [InlineData("::1:80")]
    [InlineData("[nas.lan]:80")]
    [InlineData("10.0.0.0/33")]
    [InlineData("http://nas.lan:80")]
    [InlineData("na s:80")]
    [InlineData("*:80")]
    public void Not_an_entry(string entry) => Allowance.TryParse(entry, out _).ShouldBeFalse();
}
