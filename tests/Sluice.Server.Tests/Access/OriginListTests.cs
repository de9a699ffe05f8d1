using Shouldly;
using Sluice.Server.Catalog;
using Xunit;

namespace Sluice.Server.Tests.Access;

/// <summary>Which origins a list holds: by origin and by label, never by how a text begins or ends.</summary>
public sealed class OriginListTests
{
    [Theory]
    [InlineData("https://good.example", "https://good.example", true)]
    [InlineData("https://good.example", "HTTPS://Good.Example", true)]
    [InlineData("https://GOOD.example", "https://good.example", true)]
    [InlineData("https://good.example", "https://good.example.evil.com", false)]
    [InlineData("https://good.example", "https://evil-good.example", false)]
    [InlineData("https://good.example", "https://www.good.example", false)]
    [InlineData("https://good.example", "http://good.example", false)]
    [InlineData("https://good.example", "https://good.example:8443", false)]
    [InlineData("https://good.example", "https://good.example.", false)]
    [InlineData("https://good.example", "https://good.example/", false)]
    [InlineData("https://good.example", "https://good.example@evil.com", false)]
    [InlineData("https://good.example", "https://evil.com/https://good.example", false)]
    [InlineData("https://good.example", "https://evil.com#https://good.example", false)]
    [InlineData("https://good.example", " https://good.example", false)]
    [InlineData("https://good.example", "good.example", false)]
    [InlineData("https://good.example", "null", false)]
    [InlineData("https://good.example", "", false)]
    [InlineData("https://good.example", "*", false)]
    [InlineData("https://good.example:443", "https://good.example", true)]
    [InlineData("http://good.example:80", "http://good.example", true)]
    [InlineData("https://good.example:8443", "https://good.example:8443", true)]
    [InlineData("https://good.example:8443", "https://good.example", false)]
    [InlineData("https://good.example:8443", "https://good.example:84430", false)]
    [InlineData("https://bücher.example", "https://xn--bcher-kva.example", true)]
    [InlineData("https://xn--bcher-kva.example", "https://xn--bcher-kva.example", true)]
    [InlineData("https://bücher.example", "https://bucher.example", false)]
    [InlineData("https://[::1]:8443", "https://[::1]:8443", true)]
    [InlineData("http://127.0.0.1:8000", "http://127.0.0.1:8000", true)]
    [InlineData("*.example.com", "https://a.example.com", true)]
    [InlineData("*.example.com", "https://a.b.example.com", true)]
    [InlineData("*.example.com", "https://A.Example.COM", true)]
    [InlineData("*.Example.com", "https://a.example.com", true)]
    [InlineData("*.example.com", "https://xn--bcher-kva.example.com", true)]
    [InlineData("*.example.com", "https://example.com", false)]
    [InlineData("*.example.com", "https://.example.com", false)]
    [InlineData("*.example.com", "https://a..example.com", false)]
    [InlineData("*.example.com", "https://evilexample.com", false)]
    [InlineData("*.example.com", "https://a.example.com.evil.com", false)]
    [InlineData("*.example.com", "https://a.example.com.", false)]
    [InlineData("*.example.com", "https://evil.com/.example.com", false)]
    [InlineData("*.example.com", "https://evil.com#.example.com", false)]
    [InlineData("*.example.com", "https://evil.com?.example.com", false)]
    [InlineData("*.example.com", @"https://evil.com\.example.com", false)]
    [InlineData("*.example.com", "https://u@a.example.com", false)]
    [InlineData("*.example.com", "https://evil.com:1.example.com", false)]
    [InlineData("*.example.com", "http://a.example.com", false)]
    [InlineData("*.example.com", "https://a.example.com:8443", false)]
    [InlineData("*.example.com", "null", false)]
    [InlineData("*.bücher.example", "https://a.xn--bcher-kva.example", true)]
    [InlineData("http://*.example.com:8080", "http://a.example.com:8080", true)]
    [InlineData("http://*.example.com:8080", "http://a.example.com", false)]
    [InlineData("http://*.example.com:8080", "https://a.example.com:8080", false)]
    [InlineData("*", "https://whoever.example", true)]
    [InlineData("*", "null", true)]
    public void An_origin_is_allowed_or_not(string entry, string origin, bool allowed)
    {
        OriginList.TryParse([entry], out var list).ShouldBeTrue();
        list.Contains(origin).ShouldBe(allowed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("good.example")]
    [InlineData("ftp://good.example")]
    [InlineData("https:good.example")]
    [InlineData("https://")]
    [InlineData("https://good.example/")]
    [InlineData("https://good.example/page")]
    [InlineData("https://good.example?q")]
    [InlineData("https://good.example#f")]
    [InlineData("https://me@good.example")]
    [InlineData("https://good.example:0x1")]
    [InlineData("https://good.example:70000")]
    [InlineData("https://goo d.example")]
    [InlineData(@"https:\\good.example")]
    [InlineData("*.")]
    [InlineData("*.*.example.com")]
    [InlineData("**.example.com")]
    [InlineData("*example.com")]
    [InlineData("https://a.*.example.com")]
    [InlineData("*.127.0.0.1")]
    [InlineData("*..example.com")]
    [InlineData("https://good.example.")]
    [InlineData("*.example.com.")]
    [InlineData("http://*.example.com.:8080")]
    public void What_is_no_origin_is_refused(string entry) => OriginList.TryParse([entry], out _).ShouldBeFalse();

    [Theory]
    [InlineData("https://Good.example/", "https://good.example", true)]
    [InlineData("https://good.example/player/index.html", "https://good.example", true)]
    [InlineData("https://good.example", "http://good.example", false)]
    [InlineData("good.example", "https://good.example", true)]
    [InlineData("good.example", "http://good.example", true)]
    [InlineData("good.example/player", "http://good.example", true)]
    [InlineData("good.example", "https://good.example:8443", false)]
    [InlineData("good.example", "https://good.example.evil.com", false)]
    [InlineData("good.example", "https://evilgood.example", false)]
    [InlineData("good.example", "https://a.good.example", false)]
    [InlineData("good.example", "https://good.example@evil.com", false)]
    [InlineData("good.example", "ftp://good.example", false)]
    [InlineData("good.example", "good.example", false)]
    [InlineData("good.example", "null", false)]
    [InlineData("good.example:8080", "http://good.example:8080", true)]
    [InlineData("good.example:8080", "https://good.example:8080", true)]
    [InlineData("good.example:8080", "http://good.example", false)]
    [InlineData("*.wild.example", "https://sub.wild.example", true)]
    [InlineData("*.wild.example", "http://a.b.wild.example", true)]
    [InlineData("*.wild.example", "https://wild.example", false)]
    [InlineData("*.wild.example", "https://notwild.example", false)]
    [InlineData("*.wild.example", "https://sub.wild.example:444", false)]
    [InlineData("*.wild.example", "https://sub.wild.example.evil.com", false)]
    [InlineData("https://*.wild.example:8443", "https://a.wild.example:8443", true)]
    [InlineData("bücher.example", "http://xn--bcher-kva.example", true)]
    [InlineData("http://localhost:3000", "http://localhost:30001", false)]
    [InlineData("https://[2001:db8::1]:8443/x", "https://[2001:db8::1]:8443", true)]
    public void A_site_is_an_origin_or_two(string site, string origin, bool allowed)
    {
        OriginList.TryParseSites([site], out var list).ShouldBeTrue();
        list.Contains(origin).ShouldBe(allowed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("*")]
    [InlineData("*.")]
    [InlineData("*.127.0.0.1")]
    [InlineData("good.example.")]
    [InlineData("me@good.example")]
    [InlineData("goo d.example")]
    [InlineData("ftp://good.example")]
    [InlineData("good.example:70000")]
    [InlineData("a.*.example.com")]
    [InlineData("good.example?q")]
    public void What_is_no_site_is_refused(string site) => OriginList.TryParseSites(["good.example", site], out _).ShouldBeFalse();

    [Fact]
    public void A_question_allocates_nothing()
    {
        OriginList.TryParse(["https://good.example", "*.example.com"], out var list).ShouldBeTrue();
        list.Contains("https://warm.example");
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            list.Contains("https://good.example");
            list.Contains("https://a.b.example.com");
            list.Contains("https://good.example.evil.com");
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    [Fact]
    public void An_empty_list_holds_nothing_and_equal_lists_are_equal()
    {
        OriginList.TryParse([], out var empty).ShouldBeTrue();
        empty.ShouldBe(OriginList.None);
        empty.Contains("https://good.example").ShouldBeFalse();
        OriginList.TryParse(["HTTPS://Good.example:443"], out var one).ShouldBeTrue();
        one.Entries.ShouldBe(["https://good.example"]);
    }
}
