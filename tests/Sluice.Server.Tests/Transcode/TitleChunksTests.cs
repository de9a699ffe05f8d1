using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Transcode;
using Xunit;

namespace Sluice.Server.Tests.Transcode;

public sealed class TitleChunksTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TitleChunks _title = new("job", [], TimeSpan.FromSeconds(12));

    [Fact]
    public void All_who_wait_for_a_chunk_are_woken_by_the_one_that_is_published()
    {
        var waiting = Enumerable.Range(0, 5).Select(_ => _title.WhenPublished("v0", 3)).ToList();
        waiting.ShouldAllBe(w => !w.IsCompleted);

        _title.Add(Chunk("v0", 2));
        waiting.ShouldAllBe(w => !w.IsCompleted);
        _title.Add(Chunk("v0", 3));

        waiting.ShouldAllBe(w => w.Wait(TimeSpan.FromSeconds(5)));
        _title.WhenPublished("v0", 3).IsCompleted.ShouldBeTrue();
    }

    [Fact]
    public void Of_many_who_ask_at_once_one_gets_the_claim()
    {
        var claims = new long?[64];
        Parallel.For(0, claims.Length, i => claims[i] = _title.TryClaim("v0", 10, 25, Noon));

        claims.Count(c => c is not null).ShouldBe(1);
    }

    [Fact]
    public void A_run_that_is_near_is_waited_for_and_one_that_is_far_is_not()
    {
        _title.Claimed(7, Urgency.Viewer, ["v0"], 10, 25, Noon);

        _title.TryClaim("v0", 12, 27, Noon).ShouldBeNull();
        _title.TryClaim("v1", 12, 27, Noon).ShouldNotBeNull();
        _title.TryClaim("v0", 13, 28, Noon).ShouldNotBeNull();
    }

    [Fact]
    public void A_run_that_nobody_waits_for_is_never_waited_for()
    {
        _title.Claimed(7, Urgency.Background, ["v0"], 10, 25, Noon);

        _title.TryClaim("v0", 10, 25, Noon).ShouldNotBeNull();
    }

    [Fact]
    public void A_run_comes_nearer_with_each_chunk_and_is_behind_when_it_has_passed()
    {
        _title.Claimed(7, Urgency.Viewer, ["v0"], 10, 25, Noon);
        for (var n = 10; n < 14; n++)
        {
            _title.Add(Chunk("v0", n));
        }

        _title.TryClaim("v0", 16, 31, Noon).ShouldBeNull();
        _title.TryClaim("v0", 9, 24, Noon).ShouldNotBeNull();
    }

    [Fact]
    public void A_claim_that_became_a_task_ends_with_it()
    {
        var claim = _title.TryClaim("v0", 10, 25, Noon).ShouldNotBeNull();
        _title.Confirm(claim, 7);
        _title.Released(claim);
        _title.TryClaim("v0", 10, 25, Noon).ShouldBeNull();

        _title.Released(7);

        _title.TryClaim("v0", 10, 25, Noon).ShouldNotBeNull();
    }

    [Fact]
    public void What_was_gathered_is_not_there_any_more_and_nobody_waits_for_it()
    {
        _title.Add(Chunk("v0", 1));
        _title.Add(Chunk("a0", 1));
        _title.Gathered("v0");

        _title.Find("v0", 1).ShouldBeNull();
        _title.Find("a0", 1).ShouldNotBeNull();
        _title.WhenPublished("v0", 2).IsCompleted.ShouldBeTrue();
        _title.IsIdle(Noon).ShouldBeTrue();
    }

    [Fact]
    public void A_claim_that_nobody_wants_is_given_up_and_the_next_who_asks_gets_one()
    {
        _title.Asked("v0", 10, Noon);
        _title.Claimed(7, Urgency.Viewer, ["v0"], 10, 25, Noon);

        _title.ReleaseUnwanted(7, ["v0"], 10, 13, Noon.AddSeconds(12)).ShouldBeFalse();
        _title.TryClaim("v0", 10, 25, Noon).ShouldBeNull();
        _title.ReleaseUnwanted(7, ["v0"], 10, 13, Noon.AddSeconds(12.1)).ShouldBeTrue();
        _title.TryClaim("v0", 10, 25, Noon).ShouldNotBeNull();
    }

    [Fact]
    public void Interest_is_in_chunks_and_renditions_not_in_titles()
    {
        _title.Asked("v0", 10, Noon);

        _title.IsWanted(["v0", "a0"], 5, 11, Noon).ShouldBeTrue();
        _title.IsWanted(["v0"], 5, 10, Noon).ShouldBeFalse();
        _title.IsWanted(["v0"], 11, 20, Noon).ShouldBeFalse();
        _title.IsWanted(["v1"], 5, 11, Noon).ShouldBeFalse();
    }

    [Fact]
    public void What_was_asked_for_long_ago_is_not_remembered()
    {
        var interest = new ChunkInterest(TimeSpan.FromSeconds(12));
        for (var i = 0; i < 100_000; i++)
        {
            interest.Note("v0", i, Noon.AddSeconds(i));
        }

        interest.Count.ShouldBeLessThan(100);
        interest.IsIn(["v0"], 99_990, 100_000, Noon.AddSeconds(100_000)).ShouldBeTrue();
    }

    [Fact]
    public void A_setback_is_told_until_its_time_or_until_its_task_begins_again()
    {
        _title.SetBack(7, new Setback(["v0"], 10, 12, "no memory", Noon.AddSeconds(8)));
        _title.SetBack(8, new Setback(["v0"], 20, 21, "given up", null));

        _title.SetbackOf("v0", 11, Noon).ShouldNotBeNull().Reason.ShouldBe("no memory");
        _title.SetbackOf("v0", 12, Noon).ShouldBeNull();
        _title.SetbackOf("a0", 11, Noon).ShouldBeNull();
        _title.SetbackOf("v0", 11, Noon.AddSeconds(8)).ShouldBeNull();
        _title.SetbackOf("v0", 20, Noon.AddYears(1)).ShouldNotBeNull().Until.ShouldBeNull();

        _title.Claimed(8, Urgency.Viewer, ["v0"], 15, 25, Noon);

        _title.SetbackOf("v0", 20, Noon).ShouldBeNull();
    }

    [Fact]
    public void What_is_farthest_from_viewers_makes_room_and_what_was_played_before_what_comes()
    {
        foreach (var number in (int[])[1, 9, 10, 11, 14, 30])
        {
            _title.Add(Chunk("v0", number));
        }

        _title.Asked("v0", 10, Noon);

        _title.Shed(60, ("v0", 30), Noon).ShouldBeEmpty("there is room for all");
        _title.Shed(40, ("v0", 30), Noon).Select(c => c.Number).ShouldBe([1, 30]);
        _title.Shed(20, ("v0", 14), Noon).Select(c => c.Number).ShouldBe([9, 14], ignoreOrder: true);
        _title.Find("v0", 9).ShouldBeNull();
        _title.CountOf("v0").ShouldBe(2);
        _title.Shed(5, ("v0", 10), Noon).Select(c => c.Number).ShouldBe([11], "somebody asks for the other, and it was made for that");
        _title.HasEncoded.ShouldBeTrue();
    }

    [Fact]
    public void A_chunk_that_made_room_is_made_again()
    {
        _title.Add(Chunk("v0", 1));
        _title.Shed(0, ("v0", 2), Noon).Count.ShouldBe(1);

        _title.WhenPublished("v0", 1).IsCompleted.ShouldBeFalse();
        _title.TryClaim("v0", 1, 5, Noon).ShouldNotBeNull();
    }

    private static ChunkRow Chunk(string rendition, int number) => new(rendition, number, 1, 10, 5, [], false);
}
