using Shouldly;
using Sluice.Server.Torrents;
using Xunit;

namespace Sluice.Server.Tests.Torrents;

/// <summary>Magnet links, as people paste them.</summary>
public sealed class MagnetLinkTests
{
    private const string Hex = "0123456789abcdef0123456789abcdef01234567";
    private const string Sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("magnet:?xt=urn:btih:" + Hex)]
    [InlineData("magnet:?xt=urn:btih:0123456789ABCDEF0123456789ABCDEF01234567")]
    [InlineData("MAGNET:?XT=URN:BTIH:AERUKZ4JVPG66AJDIVTYTK6N54ASGRLH")]
    [InlineData("magnet:?dn=x&xt.1=urn%3Abtih%3A" + Hex + "&xt.2=urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB")]
    [InlineData("magnet:?xt=urn:btih:" + Hex + "&xt=urn:btih:" + Hex)]
    public void The_hash_is_found(string link)
    {
        MagnetLink.TryParse(link, out var found).ShouldBeTrue();
        found.Hash.ShouldBe(new InfoHash(Hex, null));
        found.Info.ShouldBeNull();
    }

    [Fact]
    public void Version_2_and_hybrids_are_found()
    {
        MagnetLink.TryParse("magnet:?xt=urn:btmh:1220" + Sha256, out var v2).ShouldBeTrue();
        v2.Hash.ShouldBe(new InfoHash(null, Sha256));
        MagnetLink.TryParse($"magnet:?xt=urn:btih:{Hex}&xt=urn:btmh:1220{Sha256}", out var both).ShouldBeTrue();
        both.Hash.ShouldBe(new InfoHash(Hex, Sha256));
        both.Hash.IsThatOf(v2.Hash).ShouldBeTrue();
        v2.Hash.IsThatOf(new InfoHash(Hex, null)).ShouldBeFalse();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("magnet:")]
    [InlineData("magnet:?dn=film")]
    [InlineData("magnet:?xt=urn:btih:0123")]
    [InlineData("magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef0123456g")]
    [InlineData("magnet:?xt=urn:btih:AERUKZ4JVPG66AJDIVTYTK6N54ASGRL1")]
    [InlineData("magnet:?xt=urn:btmh:1114" + Sha256)]
    [InlineData("magnet:?xt=urn:btih:" + Hex + "&xt=urn:btih:1123456789abcdef0123456789abcdef01234567")]
    [InlineData("http://a.example/?xt=urn:btih:" + Hex)]
    [InlineData("--script=x")]
    public void What_names_no_torrent_is_none(string? link) => MagnetLink.TryParse(link, out _).ShouldBeFalse();

    [Fact]
    public void A_link_that_is_too_long_is_none() =>
        MagnetLink.TryParse($"magnet:?xt=urn:btih:{Hex}&dn={new string('x', MagnetLink.Longest)}", out _).ShouldBeFalse();

    [Fact]
    public void Name_and_trackers_are_taken_and_nothing_else()
    {
        var link = $"magnet:?xt=urn:btih:{Hex}&dn=A+film%20%e2%80%ae4pm.exe&tr=udp%3A%2F%2Ft.example%3A6969%2Fannounce&tr=http://t.example/announce?k=1"
            + "&tr=file:///etc/passwd&tr=udp://no-port.example&tr=http://me:word@t.example/&tr=http://t.example/announce?k=1&tr=x"
            + "&x.pe=127.0.0.1:22&ws=http://127.0.0.1/&xs=http://127.0.0.1/x.torrent&as=http://127.0.0.1/";

        MagnetLink.TryParse(link, out var found).ShouldBeTrue();

        found.Name.ShouldBe("A film 4pm.exe");
        found.Trackers.ShouldBe(["udp://t.example:6969/announce", "http://t.example/announce?k=1"]);
    }

    [Fact]
    public void Trackers_are_counted()
    {
        var trackers = string.Concat(Enumerable.Range(1, 100).Select(n => $"&tr=http://t{n}.example/"));

        MagnetLink.TryParse($"magnet:?xt=urn:btih:{Hex}{trackers}", out var found).ShouldBeTrue();

        found.Trackers.Count.ShouldBe(TrackerUrl.Most);
    }
}
