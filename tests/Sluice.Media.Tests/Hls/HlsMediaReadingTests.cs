using System.Globalization;
using System.Text;
using Shouldly;
using Sluice.Media.Hls;
using Xunit;

namespace Sluice.Media.Tests.Hls;

/// <summary>Media playlists: RFC 8216 section 4.3.2 and 4.3.3, and what 8216bis adds.</summary>
public sealed class HlsMediaReadingTests
{
    private const string Head = "#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:7\n";

    [Fact]
    public void Segments_are_numbered_and_have_their_durations()
    {
        var playlist = Reading.Media(Head + "#EXTINF:5.005,A title\na.ts\n#EXTINF:6,\nb.ts\n#EXTINF:0.04\nc.ts\n");

        playlist.TargetDuration.ShouldBe(TimeSpan.FromSeconds(6));
        playlist.Segments.Select(s => (s.Sequence, s.Uri, s.Duration.TotalSeconds))
            .ShouldBe([(7, "a.ts", 5.005), (8, "b.ts", 6), (9, "c.ts", 0.04)]);
        (playlist.NextSequence, playlist.IsEnded, playlist.Type, playlist.Remarks.Count).ShouldBe((10, false, HlsPlaylistType.Sliding, 0));
        playlist.HoldBack.ShouldBe(TimeSpan.FromSeconds(18));
    }

    [Fact]
    public void Line_ends_blanks_and_a_byte_order_mark_make_no_difference()
    {
        var plain = "#EXTM3U\n" + Head + "#EXTINF:5,\na.ts\n#EXT-X-ENDLIST\n";
        var odd = "\uFEFF" + plain.Replace("\n", " \t\r\n\r\n", StringComparison.Ordinal);

        var playlist = HlsPlaylistReader.TryRead(Encoding.UTF8.GetBytes(odd), out _).ShouldBeOfType<HlsMediaPlaylist>();

        playlist.Segments.ShouldHaveSingleItem().ShouldBe(Reading.Media(plain[8..]).Segments[0]);
        playlist.IsEnded.ShouldBeTrue();
    }

    [Fact]
    public void Numbers_are_read_alike_in_every_language_of_the_machine()
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        CultureInfo.CurrentCulture.NumberFormat.NumberDecimalSeparator = ",";
        try
        {
            Reading.Media(Head + "#EXTINF:5.005,\na.ts\n").Segments[0].Duration.ShouldBe(TimeSpan.FromMilliseconds(5005));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void A_range_without_an_offset_follows_the_one_before_it_in_the_same_resource()
    {
        var playlist = Reading.Media(Head
            + "#EXTINF:5,\n#EXT-X-BYTERANGE:100@50\na.ts\n"
            + "#EXTINF:5,\n#EXT-X-BYTERANGE:30\na.ts\n"
            + "#EXTINF:5,\n#EXT-X-BYTERANGE:20@1000\na.ts\n"
            + "#EXT-X-BYTERANGE:7\n#EXTINF:5,\na.ts\n"
            + "#EXTINF:5,\nwhole.ts\n"
            + "#EXTINF:5,\n#EXT-X-BYTERANGE:9\nother.ts\n");

        playlist.Segments.Select(s => s.Range).ShouldBe(
            [new(50, 100), new(150, 30), new(1000, 20), new(1020, 7), null, new HlsByteRange(0, 9)]);
        playlist.Remarks.ShouldHaveSingleItem().ToString().ShouldStartWith("line 20: a range without an offset");
    }

    [Fact]
    public void Discontinuities_are_counted_from_where_the_playlist_says()
    {
        var playlist = Reading.Media(Head + "#EXT-X-DISCONTINUITY-SEQUENCE:4\n#EXTINF:5,\na.ts\n#EXT-X-DISCONTINUITY\n#EXTINF:5,\nb.ts\n#EXTINF:5,\nc.ts\n");

        playlist.Segments.Select(s => (s.DiscontinuitySequence, s.IsDiscontinuity)).ShouldBe([(4, false), (5, true), (5, false)]);
    }

    [Fact]
    public void A_gap_and_a_time_belong_to_one_segment()
    {
        var playlist = Reading.Media(Head
            + "#EXT-X-PROGRAM-DATE-TIME:2017-04-28T11:50:46.5+03:00\n#EXTINF:5,\n#EXT-X-GAP\na.ts\n#EXTINF:5,\nb.ts\n"
            + "#EXT-X-PROGRAM-DATE-TIME:2017-04-28T11:50:56+0300\n#EXTINF:5,\nc.ts\n");

        playlist.Segments.Select(s => (s.IsGap, s.ProgramTime)).ShouldBe(
        [
            (true, new DateTimeOffset(2017, 4, 28, 8, 50, 46, 500, TimeSpan.Zero)),
            (false, null),
            (false, new DateTimeOffset(2017, 4, 28, 8, 50, 56, TimeSpan.Zero)),
        ]);
    }

    [Fact]
    public void An_end_may_stand_anywhere()
    {
        var playlist = Reading.Media(Head + "#EXTINF:5,\na.ts\n#EXT-X-ENDLIST\n#EXTINF:5,\nb.ts\n");

        (playlist.IsEnded, playlist.Segments.Count).ShouldBe((true, 2));
    }

    [Fact]
    public void Skipped_segments_count()
    {
        var playlist = Reading.Media(Head + "#EXT-X-SKIP:SKIPPED-SEGMENTS=3\n#EXTINF:5,\na.ts\n");

        (playlist.SkippedSegments, playlist.Segments[0].Sequence, playlist.NextSequence).ShouldBe((3, 10, 11));
    }

    [Fact]
    public void Parts_hints_and_server_control_are_understood()
    {
        var playlist = Reading.Media(Head
            + "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.0,CAN-SKIP-UNTIL=12.0,HOLD-BACK=12.5\n#EXT-X-PART-INF:PART-TARGET=0.33334\n"
            + "#EXTINF:5,\na.ts\n#EXT-X-PART:DURATION=0.33334,URI=\"p0\",BYTERANGE=\"10@5\",INDEPENDENT=YES\n"
            + "#EXT-X-PART:DURATION=0.2,URI=\"p0\",BYTERANGE=\"4\",GAP=YES\n#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"p1\",BYTERANGE-START=3\n");

        playlist.ServerControl.ShouldBe(new HlsServerControl(true, Seconds(12.5), Seconds(1), Seconds(12)));
        (playlist.HoldBack, playlist.PartTarget).ShouldBe((Seconds(12.5), Seconds(0.33334)));
        playlist.Parts.ShouldBe(
            [new HlsPart(8, "p0", new(5, 10), Seconds(0.33334), true, false), new HlsPart(8, "p0", new(15, 4), Seconds(0.2), false, true)]);
        playlist.PreloadHints.ShouldBe([new HlsPreloadHint(false, "p1", 3, null)]);
    }

    [Theory]
    [InlineData("#EXT-X-START:TIME-OFFSET=-12.5,PRECISE=YES", -12.5, true)]
    [InlineData("#EXT-X-START:TIME-OFFSET=3", 3, false)]
    public void A_start_is_understood(string tag, double seconds, bool isPrecise) =>
        Reading.Media(Head + tag + "\n").Start.ShouldBe(new HlsStart(Seconds(seconds), isPrecise));

    [Fact]
    public void Unknown_tags_and_remarks_are_passed_over()
    {
        var playlist = Reading.Media(Head + "# EXTINF:1,\n#EXT-X-CUE-OUT:19\n#EXT-X-OTHER:A=1\n#EXTINF:5,\n#EXT-X-BITRATE:500\na.ts\n");

        playlist.Segments.ShouldHaveSingleItem().Duration.ShouldBe(Seconds(5));
        playlist.Remarks.ShouldBeEmpty();
    }

    [Fact]
    public void Variables_come_from_the_playlist_its_parent_and_its_url()
    {
        var around = new HlsSurroundings
        {
            Variables = new Dictionary<string, string> { ["auth"] = "?t=1" },
            Query = new Dictionary<string, string> { ["cdn"] = "edge" },
        };
        var playlist = Reading.Media(Head
            + "#EXT-X-DEFINE:NAME=\"dir\",VALUE=\"x/y\"\n#EXT-X-DEFINE:IMPORT=\"auth\"\n#EXT-X-DEFINE:QUERYPARAM=\"cdn\"\n"
            + "#EXT-X-MAP:URI=\"{$cdn}/init{$auth}\"\n#EXTINF:5,{$nobody}\n{$dir}/a.ts{$auth}\n", around);

        (playlist.Segments[0].Uri, playlist.Segments[0].Map!.Uri).ShouldBe(("x/y/a.ts?t=1", "edge/init?t=1"));
        playlist.Variables["dir"].ShouldBe("x/y");
    }

    [Fact]
    public void Braces_are_text_where_no_variable_is_defined() =>
        Reading.Media(Head + "#EXTINF:5,\na{$b}.ts\n").Segments[0].Uri.ShouldBe("a{$b}.ts");

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
