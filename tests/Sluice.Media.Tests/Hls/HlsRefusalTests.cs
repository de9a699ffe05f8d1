using System.Text;
using Shouldly;
using Sluice.Media.Hls;
using Xunit;

namespace Sluice.Media.Tests.Hls;

/// <summary>What is wrong with a playlist is either got over, with a remark, or refused, with the line.</summary>
public sealed class HlsRefusalTests
{
    private const string Head = "#EXT-X-TARGETDURATION:6\n";

    [Theory]
    [InlineData("", "it is no HLS playlist: #EXTM3U is missing")]
    [InlineData("<html>\n", "line 1: it is no HLS playlist: #EXTM3U is missing")]
    [InlineData("\n# a remark\n#EXTINF:1,\na.ts\n", "line 3: it is no HLS playlist: #EXTM3U is missing")]
    [InlineData("#EXTM3U\n", "it names neither variants nor segments")]
    [InlineData("#EXTM3U\n#EXTINF:1,\na.ts\n#EXT-X-STREAM-INF:BANDWIDTH=1\nb\n", "line 4: it is a multivariant and a media playlist at once")]
    [InlineData("#EXTM3U\n#EXTINF:-1,Radio\nhttp://example.com/radio\n", "it says neither its target duration nor how long a segment is")]
    public void What_is_no_playlist_is_refused(string text, string reason)
    {
        HlsPlaylistReader.TryRead(Encoding.UTF8.GetBytes(text), out var problem).ShouldBeNull();
        problem.ShouldNotBeNull().ToString().ShouldBe(reason);
    }

    [Theory]
    [InlineData("#EXT-X-BYTERANGE:x@1\n#EXTINF:1,\na\n", "line 3: EXT-X-BYTERANGE is no range")]
    [InlineData("#EXT-X-BYTERANGE:5@9223372036854775806\n#EXTINF:1,\na\n", "line 3: EXT-X-BYTERANGE is no range")]
    [InlineData("#EXT-X-BYTERANGE:5@9223372036854775000\n#EXTINF:1,\na\n#EXT-X-BYTERANGE:9000\n#EXTINF:1,\na\n",
        "line 8: EXT-X-BYTERANGE lies beyond any file")]
    [InlineData("#EXT-X-SKIP:X=1\n#EXTINF:1,\na\n", "line 3: EXT-X-SKIP does not say how many segments are skipped")]
    [InlineData("#EXT-X-DEFINE:IMPORT=\"a\"\n#EXTINF:1,\na\n", "line 3: the variable a is not there to be taken over")]
    [InlineData("#EXT-X-DEFINE:NAME=\"a\",VALUE=\"1\"\n#EXTINF:1,\n{$b}\n", "line 5: the variable b is not defined")]
    public void What_would_make_it_another_film_is_refused(string lines, string reason) => Reading.Refusal(Head + lines).ShouldBe(reason);

    [Fact]
    public void A_missing_target_duration_is_the_longest_segment_rounded_up() =>
        Reading.Media("#EXTINF:5.1,\na\n#EXTINF:2,\nb\n").TargetDuration.ShouldBe(TimeSpan.FromSeconds(6));

    [Theory]
    [InlineData("#EXTINF:abc,\na\n", "line 3: EXTINF is no duration")]
    [InlineData("#EXTINF:-1,\na\n", "line 3: EXTINF is no duration")]
    [InlineData("#EXTINF:1e3,\na\n", "line 3: EXTINF is no duration")]
    [InlineData("#EXTINF:NaN,\na\n", "line 3: EXTINF is no duration")]
    [InlineData("a\n", "line 3: a segment without EXTINF")]
    public void A_segment_without_a_duration_has_the_target(string lines, string remark)
    {
        var playlist = Reading.Media(Head + lines + "#EXTINF:1,\nlast\n");

        playlist.Segments[0].Duration.ShouldBe(TimeSpan.FromSeconds(6));
        playlist.Remarks[0].ToString().ShouldBe(remark);
    }

    [Fact]
    public void A_second_playlist_in_the_same_file_is_left_out()
    {
        var playlist = Reading.Media(Head + "#EXTINF:1,\na\n#EXTM3U\n#EXTINF:1,\nb\n");

        playlist.Segments.ShouldHaveSingleItem();
        playlist.Remarks.ShouldHaveSingleItem().Line.ShouldBe(5);
    }

    [Fact]
    public void Bytes_segments_variants_and_variables_have_limits()
    {
        HlsPlaylistReader.TryRead(new byte[HlsPlaylist.MostBytes + 1], out var problem).ShouldBeNull();
        problem!.Value.Text.ShouldBe("the playlist has more than 1048576 bytes");
        Reading.Refusal(Head + "#EXTINF:1,\n" + Repeat("a\n", 50_000)).ShouldBe("line 40004: it has more than 40000 segments");
        Reading.Refusal(Repeat("#EXT-X-STREAM-INF:BANDWIDTH=1\na\n", 3000)).ShouldBe("line 4003: it has more than 2000 variants and renditions");
        Reading.Refusal(Head + string.Concat(Enumerable.Range(0, 200).Select(n => $"#EXT-X-DEFINE:NAME=\"n{n}\",VALUE=\"1\"\n")))
            .ShouldEndWith("too many variables");
        Reading.Refusal(Head + string.Concat(Enumerable.Range(0, 20).Select(n => $"#EXT-X-KEY:METHOD=AES-128,URI=\"k\",KEYFORMAT=\"{n}\"\n")))
            .ShouldBe("line 19: too many formats of keys");
    }

    [Fact]
    public void A_small_playlist_does_not_become_a_large_one()
    {
        var large = new string('x', 10_000);
        var define = Head + $"#EXT-X-DEFINE:NAME=\"a\",VALUE=\"{large}\"\n";

        Reading.Refusal(define + "#EXTINF:1,\n{$a}{$a}\n").ShouldBe("line 5: variables make it too long");
        Reading.Refusal(define + Repeat("#EXTINF:1,\n{$a}\n", 1000)).ShouldEndWith("variables make it too long");
    }

    [Fact]
    public void No_more_than_the_first_remarks_are_kept() =>
        Reading.Media(Head + "#EXTINF:1,\nfirst\n" + Repeat("a\n", 100)).Remarks.Count.ShouldBe(16);

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));
}
