using Shouldly;
using Sluice.Server.Live;
using Sluice.Server.Live.Channels;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Live;

/// <summary>What a channel has counted never goes back and has nothing twice, whenever it is looked at.</summary>
public sealed class ChannelMeterTests
{
    private readonly ChannelMeter _meter = new(new FakeClock());

    [Fact]
    public void What_runs_counts_and_what_ran_does_so_for_good()
    {
        var (first, second) = (new Sinks { Lost = 5 }, new Sinks { Lost = 2 });
        _meter.Attach(first);
        Lost().ShouldBe(5);
        _meter.Attach(second);
        first.Lost = 6;
        Lost().ShouldBe(8, "one run ends while the next begins");
        _meter.Detach(first);
        Lost().ShouldBe(8);
        first.Lost = 100;
        second.Lost = 3;
        Lost().ShouldBe(9);
        _meter.Detach(second);
        Lost().ShouldBe(9);
    }

    [Fact]
    public async Task Who_looks_in_the_middle_of_an_end_sees_it_once()
    {
        var sinks = new Sinks { Lost = 7 };
        _meter.Attach(sinks);
        var looks = new List<Task<long>>();

        // A look begins whenever the end reads a count; it may have to wait for the end, or see what was before.
        sinks.Asked = () =>
        {
            sinks.Asked = null;
            looks.Add(Task.Run(Lost));
            looks[0].Wait(TimeSpan.FromMilliseconds(100), TestContext.Current.CancellationToken);
        };
        _meter.Detach(sinks);

        (await looks.ShouldHaveSingleItem()).ShouldBe(7);
        Lost().ShouldBe(7);
    }

    [Fact]
    public async Task Any_number_of_runs_never_make_it_go_back_nor_count_more_than_there_were()
    {
        const int Looks = 3000;
        var (begun, looks) = (0L, 0);
        var looking = Task.Run(() =>
        {
            var (before, wrong) = (0L, 0);
            for (var n = 1; n <= Looks; n++)
            {
                var now = Lost();
                wrong += now < before || now > Volatile.Read(ref begun) ? 1 : 0;
                before = now;
                Volatile.Write(ref looks, n);
            }

            return wrong;
        });
        while (Volatile.Read(ref looks) < Looks)
        {
            var sinks = new Sinks { Lost = 1 };
            Volatile.Write(ref begun, begun + 1);
            _meter.Attach(sinks);
            _meter.Detach(sinks);
        }

        (await looking).ShouldBe(0);
        Lost().ShouldBe(begun);
    }

    private long Lost() => _meter.Read()[ChannelCounter.LostBytes];

    private sealed class Sinks : ISegmentSinks
    {
        public long Lost { get; set; }

        public Action? Asked { get; set; }

        public string? Kind => null;

        public long LostBytes
        {
            get
            {
                Asked?.Invoke();
                return Lost;
            }
        }

        public long Losses => 0;

        public ISegmentSink Main(UpstreamShape shape) => throw new InvalidOperationException();

        public ISegmentSink? Audio(UpstreamShape shape) => null;
    }
}
