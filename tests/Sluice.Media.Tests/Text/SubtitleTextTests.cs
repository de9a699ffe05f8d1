using System.Text;
using Shouldly;
using Sluice.Media.Text;
using Xunit;

namespace Sluice.Media.Tests.Text;

public sealed class SubtitleTextTests
{
    private const string Srt = "1\r\n00:00:01,000 --> 00:00:02,500\r\nFirst\r\n\r\n2\r\n01:00:03,4 --> 01:00:04,000\r\n<i>Second</i>\r\nline\r\n";

    private static SubtitleResult Read(string text) => SubtitleText.Read(Encoding.UTF8.GetBytes(text));

    private static IReadOnlyList<Cue> Cues(string text)
    {
        var result = Read(text);
        result.Problem.ShouldBeNull();
        return result.Cues;
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("\n")]
    [InlineData("\r")]
    public void SubRip_with_any_line_ends(string end) => Cues(Srt.Replace("\r\n", end, StringComparison.Ordinal)).ShouldBe(
    [
        new Cue(1000, 2500, "First"), new Cue(3_603_400, 3_604_000, "<i>Second</i>\nline"),
    ]);

    [Fact]
    public void SubRip_without_numbers_with_blank_lines_inside_and_none_between() =>
        Cues("00:00:01,000 --> 00:00:02,000\nOne\n\nstill one\n\n7\n00:00:03,000 --> 00:00:04,000\nTwo").ShouldBe(
        [
            new Cue(1000, 2000, "One\nstill one"), new Cue(3000, 4000, "Two"),
        ]);

    [Fact]
    public void Cues_come_in_the_order_of_their_start() =>
        Cues("00:00:03,000 --> 00:00:04,000\nb\n\n00:00:01,000 --> 00:00:09,000\na").Select(c => c.Text).ShouldBe(["a", "b"]);

    [Fact]
    public void WebVtt_with_header_comments_styles_regions_identifiers_and_settings() => Cues(
        "WEBVTT - a title\nKind: captions\n\nNOTE nothing\nto see\n\nSTYLE\n::cue { color: red }\n\nREGION\nid:r\n\n" +
        "intro\n00:01.000 --> 00:02.000 line:10% align:start region:r\n<v Bob>Hello</v> <c.loud>you</c>\n\n00:00:03.000 --> 00:00:04.000\nx").ShouldBe(
        [
            new Cue(1000, 2000, "Hello you", "line:10% align:start"), new Cue(3000, 4000, "x"),
        ]);

    [Theory]
    [InlineData("1\n00:00:01,000 --> 00:00:02,000\nfine\n\n2\n00:00:xx,000 --> 00:00:02,000\nbad", 6, "is expected")]
    [InlineData("1\n00:00:05,000 --> 00:00:02,000\nbackwards", 2, "ends before it starts")]
    [InlineData("WEBVTT\n\nid\n00:05.000 --> 00:02.000\nbackwards", 4, "ends before it starts")]
    [InlineData("WEBVTT\n\nsome\ntext", 4, "is expected")]
    [InlineData("hello", 1, "is expected")]
    [InlineData("", 0, "no text")]
    [InlineData("WEBVTT", 0, "no text")]
    [InlineData("1\n00:61:00,000 --> 00:62:00,000\nx", 2, "is expected")]
    public void What_is_wrong_is_said_with_its_line(string text, int line, string words)
    {
        var result = Read(text);
        result.Cues.ShouldBeEmpty();
        result.Line.ShouldBe(line);
        result.Problem.ShouldNotBeNull().ShouldContain(words);
    }

    [Fact]
    public void Encodings_of_the_world()
    {
        const string Text = "1\n00:00:01,000 --> 00:00:02,000\nZürich – 5 €, naïve\n";
        var windows = Text.Select(c => c switch { '–' => (byte)0x96, '€' => (byte)0x80, _ => (byte)c }).ToArray();
        byte[][] files =
        [
            Encoding.UTF8.GetBytes(Text), [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Text)],
            [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Text)], [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes(Text)], windows,
        ];
        foreach (var file in files)
        {
            SubtitleText.Read(file).Cues.ShouldHaveSingleItem().Text.ShouldBe("Zürich – 5 €, naïve");
        }
    }

    [Fact]
    public void What_is_written_is_read_again_and_random_bytes_never_throw()
    {
        var random = new Random(3);
        string[] pieces = ["WEBVTT", "\n", "\n\n", "1", " --> ", "00:00:01.000", "00:00:02,000", "<b>", "</b", "<script>", "&", "&lt;", "{\\an8}", "<", ">", "\0", "é", "\uD800", "line:5", " ", "NOTE"];
        for (var round = 0; round < 20_000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(30)).Select(_ => pieces[random.Next(pieces.Length)]));
            var result = Read(text);
            (result.Problem is null).ShouldBe(result.Cues.Count > 0);
            if (result.Problem is null)
            {
                SubtitleText.Read(WebVttWriter.Write(result.Cues)).Cues.ShouldBe(result.Cues, text);
            }

            var noise = new byte[random.Next(200)];
            random.NextBytes(noise);
            SubtitleText.Read(noise);
        }
    }
}
