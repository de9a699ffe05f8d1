using System.Text;
using Shouldly;
using Sluice.Server.Publishing;
using Sluice.Server.Store;
using Xunit;

namespace Sluice.Server.Tests.Publishing;

/// <summary>Names in a flat space: the file's own, as far as a path, a URL and a proxy take it.</summary>
public sealed class TsNameTests
{
    private static readonly DateTimeOffset Time = DateTimeOffset.FromUnixTimeMilliseconds(1_765_432_109_876);

    [Theory]
    [InlineData("video.mp4", "video")]
    [InlineData("My film v1.2 (final).mp4", "My film v1.2 (final)")]
    [InlineData("Grüße 東京 🎬.mkv", "Grüße 東京 🎬")]
    [InlineData("no extension", "no extension")]
    [InlineData("...mp4", "video")]
    [InlineData(".hidden.mp4", "hidden")]
    [InlineData("a...b.mp4", "a.b")]
    [InlineData("..\\..\\windows.mp4", "windows")]
    [InlineData("a\u0000\u0007b.mp4", "ab")]
    [InlineData("  .mp4", "video")]
    [InlineData("", "video")]
    [InlineData("100% real.mp4", "100% real")]
    [InlineData("a%2Fb.mp4", "a2Fb")]
    [InlineData("a%252e%252e%252fb.mp4", "a252e252e252fb")]
    [InlineData("caf%E9.mp4", "cafE9")]
    [InlineData("%u002e.mp4", "u002e")]
    [InlineData("%00.mp4", "00")]
    [InlineData(" .hidden.mp4", "hidden")]
    [InlineData(" . . .mp4", "video")]
    [InlineData("%.mp4", "%")]
    public void The_files_name_is_kept_as_far_as_it_may(string file, string expected)
    {
        var name = TsName.Of(file, Time);
        name.ShouldBe(expected + "_1765432109876");
        PublishedName.IsValid(name + "_1.ts").ShouldBeTrue("it is a key too, and part of an address");
    }

    [Fact]
    public void A_long_name_is_cut_between_letters()
    {
        var name = TsName.Of(new string('ü', 300) + ".mp4", Time);
        Encoding.UTF8.GetByteCount(name).ShouldBeLessThan(100);
        name.ShouldStartWith("üü");
        name.ShouldEndWith("ü_1765432109876");
        Uri.EscapeDataString(name + "_0123456789ab-v0-a0_123456.ts").Length.ShouldBeLessThanOrEqualTo(255, "so is a segment's");
    }

    [Theory]
    [InlineData(-5)]
    [InlineData(12)]
    [InlineData(253_402_300_799_999)]
    public void The_time_always_has_thirteen_digits(long milliseconds) =>
        TsName.Of("a.mp4", DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)).Length.ShouldBe("a_".Length + 13);
}
