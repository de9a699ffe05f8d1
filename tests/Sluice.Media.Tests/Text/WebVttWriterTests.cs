using System.Text;
using Shouldly;
using Sluice.Media.Tests.Manifests;
using Sluice.Media.Text;
using Sluice.Tests;
using Xunit;

namespace Sluice.Media.Tests.Text;

public sealed class WebVttWriterTests
{
    [Fact]
    public void Cues_with_and_without_settings() => Golden.Match("text/cues.vtt", Encoding.UTF8.GetString(WebVttWriter.Write(
    [
        new Cue(0, 1500, "First"), new Cue(3_599_999, 360_000_000, "<i>Two</i>\nlines", "line:0 align:start"),
    ])));

    [Theory]
    [InlineData(0, 90_000u, "0")]
    [InlineData(20_000, 10_000u, "180000")]
    [InlineData((1L << 33) + 5, 90_000u, "5")]
    public void The_map_ties_cue_time_zero_to_the_segments_clock(long ticks, uint timescale, string clock) =>
        Encoding.UTF8.GetString(WebVttWriter.TimestampMap(ticks, timescale))
            .ShouldBe($"X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:{clock}\n");

    [Fact]
    public void A_storyboard_says_where_each_picture_is() => Golden.Match("text/storyboard.vtt", Board(5).ToWebVtt(n => $"storyboard-{n}.jpg").Text("?token=a.b"));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(4, 1)]
    [InlineData(5, 2)]
    public void Sheets_hold_all_pictures(int pictures, int sheets) => Board(pictures).SheetCount.ShouldBe(sheets);

    private static Storyboard Board(int pictures) => new()
    {
        TileWidth = 160,
        TileHeight = 90,
        Columns = 2,
        Rows = 2,
        TimesMilliseconds = [.. Enumerable.Range(0, pictures).Select(i => 40L + (i * 2080))],
        DurationMilliseconds = 9_000,
    };
}
