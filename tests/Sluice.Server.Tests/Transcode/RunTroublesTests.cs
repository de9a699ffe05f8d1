using Shouldly;
using Sluice.Server.Transcode;
using Xunit;

namespace Sluice.Server.Tests.Transcode;

public sealed class RunTroublesTests
{
    private static readonly RunOutcome Broken = new("exit code 1", null);
    private static readonly RunOutcome Killed = new("killed", null, IsFromOutside: true);

    private readonly RunTroubles _troubles = new(10);

    [Fact]
    public void A_chunk_that_breaks_the_encoder_twice_is_black()
    {
        _troubles.IsCareful.ShouldBeFalse();
        _troubles.After(5, Broken).ShouldBe(AfterTrouble.Again);
        (_troubles.IsCareful, _troubles.IsSparing, _troubles.Reading.PreRollSeconds).ShouldBe((true, false, 15));
        _troubles.After(5, Broken).ShouldBe(AfterTrouble.StandIn);

        (_troubles.IsCareful, _troubles.Reading.PreRollSeconds).ShouldBe((false, 1));
    }

    [Fact]
    public void An_encoder_that_is_killed_is_begun_with_less_memory_and_never_makes_a_chunk_black()
    {
        _troubles.After(5, Killed).ShouldBe(AfterTrouble.Again);
        (_troubles.IsCareful, _troubles.IsSparing, _troubles.Reading.IsSparing).ShouldBe((true, true, true));
        _troubles.After(5, Killed).ShouldBe(AfterTrouble.LeaveOut);

        _troubles.LeftOut.ShouldBe([5]);
        _troubles.Left.ShouldBe(Killed);
        _troubles.After(6, Killed).ShouldBe(AfterTrouble.Again);
        _troubles.After(6, Killed).ShouldBe(AfterTrouble.GiveUp);
    }

    [Fact]
    public void A_kill_between_two_failures_is_no_failure()
    {
        _troubles.After(5, Broken).ShouldBe(AfterTrouble.Again);
        _troubles.After(5, Killed).ShouldBe(AfterTrouble.Again);
        _troubles.After(5, Broken).ShouldBe(AfterTrouble.StandIn);
    }

    [Fact]
    public void What_is_black_already_counts()
    {
        var troubles = new RunTroubles(10, placeholders: 5);
        troubles.After(6, Broken).ShouldBe(AfterTrouble.Again);
        troubles.After(6, Broken).ShouldBe(AfterTrouble.GiveUp);
    }

    [Fact]
    public void A_task_of_which_half_is_broken_is_given_up()
    {
        for (var chunk = 1; chunk <= 5; chunk++)
        {
            _troubles.After(chunk, Broken).ShouldBe(AfterTrouble.Again);
            _troubles.After(chunk, Broken).ShouldBe(AfterTrouble.StandIn);
        }

        _troubles.After(6, Broken).ShouldBe(AfterTrouble.Again);
        _troubles.After(6, Broken).ShouldBe(AfterTrouble.GiveUp);
    }
}
