using Shouldly;
using Sluice.Server.Probe;
using Xunit;

namespace Sluice.Server.Tests.Burned;

public sealed class BurnChoiceTests
{
    private static readonly SourceFacts Film = Facts(
        Stream(StreamKind.Video, "h264"), Stream(StreamKind.Audio, "aac"), Stream(StreamKind.Text, "subrip", "en"),
        Stream(StreamKind.Text, "hdmv_pgs_subtitle", "de"), Stream(StreamKind.Text, "dvd_subtitle", "en-GB"), Stream(StreamKind.Text, "dvb_subtitle", "de"));

    [Theory]
    [InlineData("3", 3)]
    [InlineData("4", 4)]
    [InlineData("de", 3)]
    [InlineData("ger", 3)]
    [InlineData("DE", 3)]
    [InlineData("en", 4)]
    [InlineData("en-US", 4)]
    public void A_track_is_named_by_its_place_or_by_its_language(string wanted, int track)
    {
        var choice = BurnChoice.Find(Film, wanted);

        (choice.Track, choice.Stream, choice.Problem).ShouldBe((track, Film.Streams[track], null));
    }

    [Theory]
    [InlineData("2", "Track 2 is text: it is offered as subtitles that viewers switch on, and needs no drawing.")]
    [InlineData("1", "Track 1 holds no subtitles.")]
    [InlineData("9", "There is no track 9.")]
    [InlineData("fr", "It has no subtitles in 'fr'.")]
    public void A_wrong_one_is_told_what_there_is(string wanted, string why)
    {
        var choice = BurnChoice.Find(Film, wanted);

        choice.Stream.ShouldBeNull();
        choice.Problem.ShouldBe(
            $"{why} Subtitles that are pictures: track 3 (hdmv_pgs_subtitle, de), track 4 (dvd_subtitle, en-GB), track 5 (dvb_subtitle, de).");
    }

    [Fact]
    public void Where_there_is_nothing_to_draw_or_to_draw_into_it_is_said()
    {
        BurnChoice.Find(Facts(Stream(StreamKind.Audio, "aac")), "0").Problem.ShouldBe("It has no picture to draw into.");
        BurnChoice.Find(Facts(Stream(StreamKind.Video, "h264"), Stream(StreamKind.Text, "subrip", "en")), "en").Problem.ShouldBe(
            "Its subtitles in 'en' are text: they are offered as subtitles that viewers switch on, and need no drawing. It has no subtitles that are pictures.");
    }

    private static StreamFacts Stream(StreamKind kind, string codec, string? language = null) => new()
    {
        Index = 0,
        Kind = kind,
        Codec = codec,
        Language = language,
        IsDecodable = true,
        IsImageText = kind == StreamKind.Text && codec != "subrip",
    };

    private static SourceFacts Facts(params StreamFacts[] streams) => new()
    {
        Format = "matroska,webm",
        Container = "Matroska",
        Score = 100,
        StartSeconds = 0,
        DurationSeconds = 1,
        Streams = [.. streams.Select((s, i) => s with { Index = i })],
    };
}
