using System.Text;
using Shouldly;
using Sluice.Media.IsoBmff;
using Sluice.Media.Tests.Building;
using Sluice.Media.Text;
using Sluice.Media.TimedText;
using Xunit;

namespace Sluice.Media.Tests.TimedText;

/// <summary>Subtitles of text in tracks of an MP4.</summary>
public sealed class MovieSubtitlesTests
{
    [Fact]
    public void Texts_are_where_and_when_the_tables_say()
    {
        var cues = Read(Build("sbtl", TextSamples.TimedText(), t => t.InLanguage("ger").PerChunk(1)
            .Sample(new(TextSamples.Said(""), 1000)).Sample(new(TextSamples.Said("one"), 2000)).Sample(new(TextSamples.Said(""), 500)).Sample(new(TextSamples.Said("two\r\nlines"), 700))), out var read);

        cues.ShouldBe([new Cue(1000, 3000, "one"), new Cue(3500, 4200, "two\nlines")]);
        (read.Language, read.IsForced, read.Samples.Count).ShouldBe(("de", false, 2));
    }

    [Fact]
    public void An_edit_list_moves_them_and_cuts_them_off()
    {
        Read(Build("text", TextSamples.TimedText(), t => t.Edit(500, -1).Edit(2000, 1000)
            .Sample(new(TextSamples.Said("before"), 1000)).Sample(new(TextSamples.Said("one"), 1500)).Sample(new(TextSamples.Said("two"), 1500)).Sample(new(TextSamples.Said("after"), 10))), out _)
            .ShouldBe([new Cue(0, 500, "before"), new Cue(500, 2000, "one"), new Cue(2000, 2500, "two")], "what is shown before the cut is shown while the picture is not there yet");
    }

    [Theory]
    [InlineData("a bold word", 2, 6, 1, "a <b>bold</b> word")]
    [InlineData("all of it", 0, 9, 6, "<i><u>all of it</u></i>")]
    [InlineData("😀 counts once", 2, 8, 2, "😀 <i>counts</i> once")]
    [InlineData("plain", 1, 3, 0, "plain")]
    [InlineData("backwards", 5, 2, 1, "backwards")]
    [InlineData("beyond", 2, 600, 1, "be<b>yond</b>")]
    [InlineData("a < b & c", 0, 0, 1, "a &lt; b &amp; c")]
    public void Styles_become_tags(string text, int start, int end, int face, string shown) =>
        Said(TextSamples.Said(text, (start, end, face))).ShouldBe([shown]);

    [Fact]
    public void Text_may_be_in_UTF_16()
    {
        Said(TextSamples.Said([0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes("größer")])).ShouldBe(["größer"]);
        Said(TextSamples.Said([0xFF, 0xFE, .. Encoding.Unicode.GetBytes("größer")])).ShouldBe(["größer"]);
    }

    [Fact]
    public void What_is_damaged_says_nothing_or_is_plain()
    {
        Said([0, 200, .. "short"u8]).ShouldBeEmpty();
        Said([.. TextSamples.Said("plain"), .. BoxWriting.Box("styl", [255, 255, 0, 0])]).ShouldBe(["plain"]);
        Said([.. TextSamples.Said("plain"), 0, 0, 0]).ShouldBe(["plain"]);
    }

    [Fact]
    public void WebVTT_has_cues_with_places()
    {
        Read(Build("text", TextSamples.WebVtt, t => t
            .Sample(new([.. TextSamples.Cue("<v Ann>one</v>", "line:10% region:x"), .. TextSamples.Cue("<b>two")], 1000)).Sample(new(TextSamples.NoCue, 1000)).Sample(new([1, 2, 3, 4, 5, 6, 7, 8, 9], 1000))), out _)
            .ShouldBe([new Cue(0, 1000, "one", "line:10%"), new Cue(0, 1000, "<b>two</b>")]);
    }

    [Fact]
    public void Forced_ones_say_so()
    {
        Read(Build("sbtl", TextSamples.TimedText(0x8000_0000), t => t.Sample(new(TextSamples.Said("sign"), 1))), out var read);

        read.IsForced.ShouldBeTrue();
    }

    [Fact]
    public void Too_many_are_none()
    {
        var file = Build("sbtl", TextSamples.TimedText(), t => Enumerable.Range(0, 11).ToList().ForEach(i => t.Sample(new(TextSamples.Said($"{i}"), 10))));
        var movie = MovieReader.TryRead(file.Source(), out _).ShouldNotBeNull();

        MovieSubtitles.TryRead(file.Source(), movie, movie.Tracks[0], 10).ShouldBeNull();
        MovieSubtitles.TryRead(file.Source(), movie, movie.Tracks[0], 11).ShouldNotBeNull();
    }

    [Fact]
    public void Other_tracks_have_none()
    {
        var movie = MovieReader.TryRead(new Mp4Builder().Video(v => v.Frames("I")).Track("clcp", BoxWriting.Box("c608", new byte[8]), 1000, t => t.Packets(1)).Source(), out _).ShouldNotBeNull();

        movie.Tracks.Where(MovieSubtitles.AreIn).ShouldBeEmpty();
    }

    private static Mp4Builder Build(string handler, byte[] entry, Action<TrackSpec> shape) => new Mp4Builder().Track(handler, entry, 1000, shape);

    private static IEnumerable<string> Said(byte[] sample) =>
        Read(Build("sbtl", TextSamples.TimedText(), t => t.Sample(new(sample, 1000))), out _).Select(c => c.Text);

    private static List<Cue> Read(Mp4Builder file, out MovieSubtitles subtitles)
    {
        var (bytes, source) = (file.Build(), file.Source());
        var movie = MovieReader.TryRead(source, out var problem).ShouldNotBeNull(problem);
        var track = movie.Tracks.Single(MovieSubtitles.AreIn);
        var read = subtitles = MovieSubtitles.TryRead(source, movie, track, 1000).ShouldNotBeNull();
        return [.. read.Samples.SelectMany(s => read.Read(s, bytes.AsSpan((int)s.Offset, s.SizeBytes)))];
    }
}
