using Shouldly;
using Sluice.Server.Live;
using Sluice.Server.Live.Channels;
using Sluice.Server.Live.Fragments;
using Sluice.Server.Live.Output;
using Xunit;

namespace Sluice.Server.Tests.Live.Fragments;

/// <summary>Only whole fragments are listed, and no discontinuity is lost, however a segment breaks off.</summary>
public sealed class FragmentLogTests
{
    private const long Second = 90_000;

    private readonly ChunkLog _log = new(1 << 20);
    private readonly FragmentLog _fragments;

    public FragmentLogTests() =>
        _fragments = new FragmentLog(_log, new LiveMaps(new LiveFeed(1 << 20, new FeedNumbers(1000, 0)).Memory)) { TargetDuration = TimeSpan.FromSeconds(2) };

    [Fact]
    public void One_that_nobody_ended_is_what_is_whole_of_it()
    {
        _fragments.SetMap(new byte[10]);
        _fragments.BeginSegment(isTold: false, null);
        _fragments.Write(new byte[100], isFragmentEnd: true, (0, Second));
        _fragments.Write(new byte[50], isFragmentEnd: false, (0, Second));

        Whole(2 * Second, isTold: false);

        _log.Index.Segments.Select(static s => (s.Number, s.Position, s.End, s.Duration.TotalSeconds)).ShouldBe([(0, 0, 100, 1), (1, 150, 250, 1)]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_one_breaks_of_which_nothing_is_left_the_next_one_breaks(bool isEnded)
    {
        _fragments.SetMap(new byte[10]);
        Whole(0, isTold: false);
        _fragments.SetMap(new byte[11]);
        _fragments.BeginSegment(isTold: true, null);
        _fragments.Write(new byte[50], isFragmentEnd: false, (Second, 2 * Second));
        if (isEnded)
        {
            _fragments.EndSegment((Second, 2 * Second), TimeSpan.FromSeconds(1));
        }

        Whole(2 * Second, isTold: false);
        Whole(3 * Second, isTold: false);

        _log.Index.Segments.Select(static s => (s.Number, s.Map, s.IsDiscontinuity, s.Discontinuities))
            .ShouldBe([(0, 0, false, 0), (1, 1, true, 1), (2, 1, false, 1)]);
    }

    [Fact]
    public void One_that_breaks_off_in_a_fragment_is_as_long_as_what_is_left_of_it()
    {
        _fragments.SetMap(new byte[10]);
        _fragments.BeginSegment(isTold: false, null);
        _fragments.Write(new byte[100], isFragmentEnd: true, (0, Second));
        _fragments.Write(new byte[50], isFragmentEnd: false, (0, 2 * Second));

        _fragments.EndSegment((0, 2 * Second), TimeSpan.FromSeconds(2));

        _log.Index.Segments.Select(static s => (s.End, s.Duration.TotalSeconds)).ShouldBe([(100, 1)]);
    }

    [Fact]
    public void Once_it_is_retired_whoever_still_writes_changes_nothing()
    {
        _fragments.SetMap(new byte[10]);
        Whole(0, isTold: false);
        _fragments.BeginSegment(isTold: false, null);
        _fragments.Write(new byte[50], isFragmentEnd: false, (Second, 2 * Second));
        var (position, segments) = (_log.Position, _log.Index.Segments);

        _fragments.Retire();
        _log.Complete();
        _fragments.Write(new byte[50], isFragmentEnd: true, (Second, 2 * Second));
        _fragments.EndSegment((Second, 2 * Second), TimeSpan.FromSeconds(1));
        _fragments.DropSegment();
        Whole(2 * Second, isTold: false);

        (_log.Position, _log.Index.Segments).ShouldBe((position, segments));
    }

    private void Whole(long start, bool isTold)
    {
        _fragments.BeginSegment(isTold, null);
        _fragments.Write(new byte[100], isFragmentEnd: true, (start, start + Second));
        _fragments.EndSegment((start, start + Second), TimeSpan.FromSeconds(1));
    }
}
