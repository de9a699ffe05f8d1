using Shouldly;
using Sluice.Server.Outbound;
using Xunit;

namespace Sluice.Server.Tests.Outbound;

/// <summary>URLs as people and servers give them.</summary>
public sealed class OutboundUrlTests
{
    [Theory]
    [InlineData("")]
    [InlineData("clip.mp4")]
    [InlineData("//host/clip.mp4")]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://host/clip.mp4")]
    [InlineData("gopher://host/")]
    [InlineData("data:text/plain,hello")]
    [InlineData("javascript:alert(1)")]
    [InlineData("http:///clip.mp4")]
    [InlineData("http://host:0/")]
    [InlineData("http://host:65536/")]
    [InlineData("http://ho st/")]
    [InlineData("http://host/\r\nX-Injected: 1")]
    [InlineData(" http://host/")]
    [InlineData("--exec=http://host/")]
    public void Not_taken(string text) => OutboundUrl.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void Not_taken_when_longer_than_any_real_one() =>
        OutboundUrl.TryParse("http://host/" + new string('a', OutboundUrl.Longest), out _).ShouldBeFalse();

    [Fact]
    public void Shown_without_what_may_be_secret()
    {
        OutboundUrl.TryParse("https://me:pass%40word@host.example:8443/a/clip%20one.mp4?sig=abc#t=1", out var url).ShouldBeTrue();

        url!.ToString().ShouldBe("https://host.example:8443/a/clip%20one.mp4?…");
        url.Address.AbsoluteUri.ShouldBe("https://host.example:8443/a/clip%20one.mp4?sig=abc");
        url.Secret.ShouldBe("https://me:pass%40word@host.example:8443/a/clip%20one.mp4?sig=abc");
        Convert.FromBase64String(url.Basic!).ShouldBe("me:pass@word"u8.ToArray());
        url.FileName.ShouldBe("clip one.mp4");
    }

    [Fact]
    public void The_secret_form_is_read_back_as_the_same()
    {
        OutboundUrl.TryParse("https://me:pass%40word@host.example/clip.mp4?sig=a%2Fb", out var url).ShouldBeTrue();
        OutboundUrl.TryParse(url!.Secret, out var again).ShouldBeTrue();

        (again!.Secret, again.Basic, again.Address).ShouldBe((url.Secret, url.Basic, url.Address));
    }

    [Theory]
    [InlineData("/b.mp4", "https://host.example/b.mp4")]
    [InlineData("b.mp4?x=1", "https://host.example/a/b.mp4?x=1")]
    [InlineData("//other.example/b.mp4", "https://other.example/b.mp4")]
    [InlineData("http://other.example/b.mp4", "http://other.example/b.mp4")]
    [InlineData("file:///etc/passwd", null)]
    [InlineData("ftp://other.example/", null)]
    public void A_redirect_leads(string location, string? target)
    {
        OutboundUrl.TryParse("https://host.example/a/clip.mp4", out var url).ShouldBeTrue();

        url!.Follow(location)?.Address.AbsoluteUri.ShouldBe(target);
        (url.Follow(location) is null).ShouldBe(target is null);
    }

    [Theory]
    [InlineData("b.ts", "https://me:word@host.example/a/b.ts")]
    [InlineData("https://HOST.example:443/b.ts?x=1", "https://me:word@host.example/b.ts?x=1")]
    [InlineData("https://you:own@host.example/b.ts", "https://you:own@host.example/b.ts")]
    [InlineData("http://host.example/b.ts", "http://host.example/b.ts")]
    [InlineData("https://host.example:444/b.ts", "https://host.example:444/b.ts")]
    [InlineData("//other.example/b.ts", "https://other.example/b.ts")]
    public void User_and_password_go_along_to_the_same_origin_only(string location, string target)
    {
        OutboundUrl.TryParse("https://me:word@host.example/a/index.m3u8", out var url).ShouldBeTrue();

        url!.Follow(location)!.Secret.ShouldBe(target);
    }

    [Theory]
    [InlineData("https://host.example/other", true)]
    [InlineData("https://HOST.example:443/other", true)]
    [InlineData("http://host.example/clip.mp4", false)]
    [InlineData("https://host.example:444/clip.mp4", false)]
    [InlineData("https://host.example.evil.example/clip.mp4", false)]
    public void The_same_origin(string other, bool same)
    {
        OutboundUrl.TryParse("https://host.example/clip.mp4", out var url).ShouldBeTrue();
        OutboundUrl.TryParse(other, out var second).ShouldBeTrue();

        url!.IsOriginOf(second!).ShouldBe(same);
    }
}
