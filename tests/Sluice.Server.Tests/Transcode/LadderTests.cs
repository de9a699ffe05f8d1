using Shouldly;
using Sluice.Server.Transcode;
using Xunit;

namespace Sluice.Server.Tests.Transcode;

public sealed class LadderTests
{
    private static readonly int[] Default = [2160, 1440, 1080, 720, 480, 360, 240];

    [Theory]
    [InlineData(1920, 1080, "1920x1080 1280x720 854x480 640x360 426x240")]
    [InlineData(1920, 800, "1920x800 1152x480 864x360 576x240")]
    [InlineData(1280, 738, "1280x738 832x480 624x360 416x240")]
    [InlineData(720, 1280, "720x1280 608x1080 406x720 270x480 202x360 136x240")]
    [InlineData(321, 241, "322x242")]
    [InlineData(160, 120, "160x120")]
    public void Sizes_are_the_source_and_what_is_below_it(int width, int height, string expected) =>
        Text(Ladder.Sizes(width, height, Default, belowSource: false)).ShouldBe(expected);

    [Fact]
    public void A_source_that_is_the_first_rung_itself_is_not_encoded_in_its_size() =>
        Text(Ladder.Sizes(1920, 1080, Default, belowSource: true)).ShouldBe("1280x720 854x480 640x360 426x240");

    [Fact]
    public void A_source_above_the_ladder_is_brought_down_to_it()
    {
        Text(Ladder.Sizes(3840, 2160, [1080, 540], belowSource: false)).ShouldBe("1920x1080 960x540");
        Text(Ladder.Sizes(3840, 2160, [1080, 540], belowSource: true)).ShouldBe("1920x1080 960x540");
    }

    [Fact]
    public void Every_side_is_even_and_nothing_is_enlarged()
    {
        for (var width = 16; width < 2000; width += 37)
        {
            for (var height = 16; height < 1200; height += 41)
            {
                foreach (var (w, h) in Ladder.Sizes(width, height, Default, belowSource: false))
                {
                    (w % 2).ShouldBe(0);
                    (h % 2).ShouldBe(0);
                    w.ShouldBeLessThanOrEqualTo(width + 1);
                    h.ShouldBeLessThanOrEqualTo(height + 1);
                }
            }
        }
    }

    [Fact]
    public void Smaller_pictures_have_lower_caps_and_newer_codecs_too()
    {
        var caps = Default.Select(h => Ladder.MaxKilobits(h * 16 / 9, h, "h264")).ToList();

        caps.ShouldBe(caps.OrderDescending());
        caps[2].ShouldBe(5000);
        Ladder.MaxKilobits(1920, 1080, "hevc").ShouldBe(3250);
        Ladder.MaxKilobits(1920, 1080, "av1").ShouldBe(2750);
    }

    private static string Text(IEnumerable<(int Width, int Height)> sizes) => string.Join(' ', sizes.Select(s => $"{s.Width}x{s.Height}"));
}
