using Microsoft.AspNetCore.Http;
using Shouldly;
using Sluice.Server.Access;
using Sluice.Server.Hosting;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Access;

/// <summary>Who has the signing secret is a node; for a minute, and for one path.</summary>
public sealed class NodePassTests
{
    private const string Path = "/nodes/live/news";

    private readonly FakeClock _clock = new();

    [Fact]
    public void A_node_knows_another_by_the_secret()
    {
        var given = Node('a').For("GET", Path);
        Check(Node('a'), given).ShouldBeNull();
        Check(Node('b'), given)!.Value.Code.ShouldBe(ErrorCode.KeyInvalid);
        Check(Node('a'), given, "POST").ShouldNotBeNull();
        Check(Node('a'), given, path: "/nodes/live/other").ShouldNotBeNull();
        Check(Node('a'), given[..^1] + (given[^1] == 'A' ? 'B' : 'A')).ShouldNotBeNull();
    }

    [Fact]
    public void It_is_good_for_a_minute()
    {
        var given = Node('a').For("GET", Path);
        _clock.Advance(TimeSpan.FromSeconds(60));
        Check(Node('a'), given).ShouldBeNull();
        _clock.Advance(TimeSpan.FromSeconds(1));
        Check(Node('a'), given).ShouldNotBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("9223372036854775807.AAAA")]
    [InlineData("-1.AAAA")]
    [InlineData("no.thing")]
    public void Anything_else_is_none(string given) => Check(Node('a'), given).ShouldNotBeNull();

    private NodePass Node(char secret) =>
        new(SigningSecret.Load(new SluiceOptions { Access = { Secret = new string(secret, 32) } }, _ => null), _clock);

    private static Refusal? Check(NodePass node, string given, string method = "GET", string path = Path)
    {
        var request = new DefaultHttpContext().Request;
        (request.Method, request.Path, request.Headers[NodePass.Header]) = (method, path, given);
        return node.Check(request);
    }
}
