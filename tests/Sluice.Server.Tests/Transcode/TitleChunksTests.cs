using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Transcode;
using Xunit;

namespace Sluice.Server.Tests.Transcode;

public sealed class TitleChunksTests
{
    private readonly TitleChunks _title = new("job", []);

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
        Parallel.For(0, claims.Length, i => claims[i] = _title.TryClaim("v0", 10, 25, near: 2));

        claims.Count(c => c is not null).ShouldBe(1);
    }

    [Fact]
    public void A_run_that_is_near_is_waited_for_and_one_that_is_far_is_not()
    {
        _title.Claimed(7, Urgency.Viewer, ["v0"], 10, 25);

        _title.TryClaim("v0", 12, 27, near: 2).ShouldBeNull();
        _title.TryClaim("v1", 12, 27, near: 2).ShouldNotBeNull();
        _title.TryClaim("v0", 13, 28, near: 2).ShouldNotBeNull();
    }

    [Fact]
    public void A_run_that_nobody_waits_for_is_never_waited_for()
    {
        _title.Claimed(7, Urgency.Background, ["v0"], 10, 25);

        _title.TryClaim("v0", 10, 25, near: 2).ShouldNotBeNull();
    }

    [Fact]
    public void A_run_comes_nearer_with_each_chunk_and_is_behind_when_it_has_passed()
    {
        _title.Claimed(7, Urgency.Viewer, ["v0"], 10, 25);
        for (var n = 10; n < 14; n++)
        {
            _title.Add(Chunk("v0", n));
        }

        _title.TryClaim("v0", 16, 31, near: 2).ShouldBeNull();
        _title.TryClaim("v0", 9, 24, near: 2).ShouldNotBeNull();
    }

    [Fact]
    public void A_claim_that_became_a_task_ends_with_it()
    {
        var claim = _title.TryClaim("v0", 10, 25, near: 2).ShouldNotBeNull();
        _title.Confirm(claim, 7);
        _title.Released(claim);
        _title.TryClaim("v0", 10, 25, near: 2).ShouldBeNull();

        _title.Released(7);

        _title.TryClaim("v0", 10, 25, near: 2).ShouldNotBeNull();
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
        _title.IsIdle.ShouldBeTrue();
    }

    private static ChunkRow Chunk(string rendition, int number) => new(rendition, number, 1, 10, 5, [], false);
}
