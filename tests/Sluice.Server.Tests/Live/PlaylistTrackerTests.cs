using System.Text;
using Shouldly;
using Sluice.Media.Hls;
using Sluice.Server.Live;
using Xunit;

namespace Sluice.Server.Tests.Live;

/// <summary>What is new in a playlist, and when it is loaded again.</summary>
public sealed class PlaylistTrackerTests
{
    private readonly PlaylistTracker _tracker = new();

    [Fact]
    public void A_viewer_begins_three_target_durations_before_the_end()
    {
        Take(List(100, 10)).ShouldBe("107 108 109");
        Take(List(101, 10)).ShouldBe("110");
    }

    [Theory]
    [InlineData("#EXT-X-SERVER-CONTROL:HOLD-BACK=12", "108 109")]
    [InlineData("#EXT-X-START:TIME-OFFSET=-30", "105 106 107 108 109")]
    [InlineData("#EXT-X-START:TIME-OFFSET=50", "108 109")]
    [InlineData("#EXT-X-START:TIME-OFFSET=1000", "109")]
    [InlineData("#EXT-X-ENDLIST", "100 101 102 103 104 105 106 107 108 109")]
    public void The_playlist_may_say_where_to_begin(string tag, string segments) => Take(List(100, 10, tag)).ShouldBe(segments);

    [Theory]
    [InlineData("#EXT-X-START:TIME-OFFSET=0")]
    [InlineData("#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-START:TIME-OFFSET=-5000")]
    [InlineData("#EXT-X-SERVER-CONTROL:HOLD-BACK=3000")]
    public void Of_what_grows_it_begins_near_the_end_whatever_the_playlist_says(string tag)
    {
        Take(List(0, 1000, tag)).Split(' ')[0].ShouldBe("994");
        new PlaylistTracker().Take(List(0, 1000, tag + "\n#EXT-X-ENDLIST")).Segments.Count.ShouldBeGreaterThanOrEqualTo(500, "a film is as it says");
    }

    [Fact]
    public void It_goes_on_near_the_end_of_what_has_grown_by_much_meanwhile()
    {
        Take(List(0, 10));

        Take(List(0, 16)).ShouldBe("10 11 12 13 14 15");
        Take(List(0, 23)).ShouldBe("!20 21 22");
        _tracker.Counts.Missed.ShouldBe(4);
        Take(List(0, 40, "#EXT-X-ENDLIST")).Split(' ').Length.ShouldBe(17, "what is complete is shown to its end");
    }

    [Fact]
    public void After_a_change_the_next_load_is_a_target_duration_later_else_half_of_it()
    {
        _tracker.Take(List(1, 3)).Wait.ShouldBe(TimeSpan.FromSeconds(6));
        _tracker.Take(List(1, 3)).Wait.ShouldBe(TimeSpan.FromSeconds(3));
        _tracker.Take(List(2, 3)).Wait.ShouldBe(TimeSpan.FromSeconds(6));
        _tracker.Take(Read("#EXT-X-TARGETDURATION:100000\n")).Wait.ShouldBe(TimeSpan.FromSeconds(30), "whatever it says, within a minute");
    }

    [Fact]
    public void A_jump_ahead_is_a_break_and_what_was_missed_is_counted()
    {
        Take(List(1, 3));

        Take(List(10, 3)).ShouldBe("!10 11 12");
        _tracker.Counts.Missed.ShouldBe(6);
        Take(List(11, 3)).ShouldBe("13");
    }

    [Fact]
    public void An_edge_that_lags_brings_nothing_and_does_no_harm()
    {
        Take(List(10, 5));

        Take(List(8, 5)).ShouldBe("");
        Take(List(9, 5)).ShouldBe("");
        Take(List(11, 5)).ShouldBe("15");
        (_tracker.Counts.Lags, _tracker.Counts.Resets, _tracker.Counts.Missed).ShouldBe((2, 0, 0));
    }

    [Fact]
    public void An_upstream_that_begins_anew_is_followed_after_a_break()
    {
        Take(List(500, 5));

        Take(List(0, 2)).ShouldBe("!0 1");
        Take(List(0, 3)).ShouldBe("2");
        _tracker.Counts.Resets.ShouldBe(1);
    }

    [Fact]
    public void An_upstream_that_begins_anew_under_old_names_is_followed_when_it_goes_on_lagging()
    {
        Take(List(0, 9));

        var found = Enumerable.Range(0, 8).Select(_ => Take(List(0, 2))).Where(s => s.Length > 0);

        found.ShouldBe(["!0 1"]);
        _tracker.Counts.Resets.ShouldBe(1);
    }

    [Fact]
    public void Gaps_are_left_out_and_leave_a_break()
    {
        Take(List(1, 3)).ShouldBe("1 2 3");

        Take(Read("#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:4\n#EXTINF:6,\n#EXT-X-GAP\n4\n"
            + "#EXTINF:6,\n5\n#EXT-X-DISCONTINUITY\n#EXTINF:6,\n6\n#EXTINF:6,\n7\n"))
            .ShouldBe("!5 !6 7");
        _tracker.Counts.Gaps.ShouldBe(1);
    }

    [Fact]
    public void The_end_of_a_live_channel_is_believed_at_the_second_time()
    {
        Take(List(1, 3));
        _tracker.Take(List(1, 3, "#EXT-X-ENDLIST")).IsOver.ShouldBeFalse();
        Take(List(2, 3)).ShouldBe("4", "it was a mistake");
        _tracker.Take(List(2, 4, "#EXT-X-ENDLIST")).IsOver.ShouldBeFalse("there is something new");
        _tracker.Take(List(2, 4, "#EXT-X-ENDLIST")).IsOver.ShouldBeFalse();
        _tracker.Take(List(2, 4, "#EXT-X-ENDLIST")).IsOver.ShouldBeTrue();
    }

    [Fact]
    public void A_playlist_that_was_complete_from_the_first_is_over_when_all_was_taken()
    {
        _tracker.Take(List(0, 3, "#EXT-X-ENDLIST")).Segments.Count.ShouldBe(3);
        _tracker.Take(List(0, 3, "#EXT-X-ENDLIST")).IsOver.ShouldBeTrue();
    }

    [Fact]
    public void Tokens_that_change_make_no_other_segment()
    {
        Take(List(10, 5));

        Take(Read("#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:9\n#EXTINF:6,\n9?token=2\n#EXTINF:6,\n10?token=2\n")).ShouldBe("");
        _tracker.Counts.Lags.ShouldBe(1);
    }

    [Fact]
    public void What_was_left_for_another_goes_on_at_its_live_edge_and_what_had_ended_is_not_shown_again()
    {
        Take(List(0, 10)).ShouldBe("7 8 9");
        _tracker.Part();
        Take(List(0, 50)).ShouldBe("!47 48 49");
        Take(List(0, 51, "#EXT-X-ENDLIST")).ShouldBe("50");
        _tracker.Take(List(0, 51, "#EXT-X-ENDLIST")).IsOver.ShouldBeFalse();

        _tracker.Part();

        var news = _tracker.Take(List(0, 51, "#EXT-X-ENDLIST"));
        (news.Segments.Count, news.IsOver).ShouldBe((0, true));
    }

    [Fact]
    public void What_begins_after_another_was_shown_begins_with_a_break()
    {
        _tracker.Part();

        Take(List(0, 10)).ShouldBe("!7 8 9");
        Take(List(1, 10)).ShouldBe("10");
    }

    [Fact]
    public void A_film_that_was_left_goes_on_where_it_was()
    {
        Take(List(0, 5, "#EXT-X-ENDLIST"));
        _tracker.Return(2, isWhole: true);
        _tracker.Part();

        Take(List(0, 5, "#EXT-X-ENDLIST")).ShouldBe("!2 3 4");
        _tracker.IsFilm.ShouldBeTrue();
    }

    [Theory]
    [InlineData(10, "http://b/x/", "13 14", "the same names at the same numbers")]
    [InlineData(10, "http://b/other-", "!13 14", "other names, but numbers that go on")]
    [InlineData(500, "http://b/other-", "!502 503 504", "something else altogether")]
    [InlineData(0, "http://b/other-", "!2 3 4", "numbers that have not come so far")]
    public void Another_place_goes_on_without_a_break_only_where_it_has_the_same(int first, string prefix, string due, string why)
    {
        Take(List(8, 5)).ShouldBe("10 11 12");
        _tracker.Turn();

        var text = string.Concat(Enumerable.Range(first, 5).Select(n => $"#EXTINF:6,\n{prefix}{n}\n"));
        var taken = Take(Read($"#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:{first}\n{text}"));

        taken.Replace(prefix, "", StringComparison.Ordinal).ShouldBe(due, why);
    }

    [Theory]
    [InlineData(8L, true, "!8 9 10", "two were not begun")]
    [InlineData(10L, true, "10", "all came")]
    [InlineData(10L, false, "!10", "the last one came in part")]
    [InlineData(null, false, "10", "there was nothing to come")]
    public void What_was_not_delivered_is_due_again(long? next, bool isWhole, string due, string why)
    {
        Take(List(0, 10)).ShouldBe("7 8 9");

        _tracker.Return(next, isWhole);

        Take(List(1, 10)).ShouldBe(due, why);
    }

    /// <summary>The segments that are due; those after a break with an exclamation mark.</summary>
    private string Take(HlsMediaPlaylist playlist) => string.Join(' ', _tracker.Take(playlist).Segments.Select(s => (s.IsBreak ? "!" : "") + s.Segment.Uri));

    private static HlsMediaPlaylist List(int first, int count, string tag = "#") => Read(
        $"#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:{first}\n{tag}\n"
        + string.Concat(Enumerable.Range(first, count).Select(n => $"#EXTINF:6,\n{n}\n")));

    private static HlsMediaPlaylist Read(string lines) =>
        HlsPlaylistReader.TryRead(Encoding.UTF8.GetBytes("#EXTM3U\n" + lines), out _).ShouldBeOfType<HlsMediaPlaylist>();
}
