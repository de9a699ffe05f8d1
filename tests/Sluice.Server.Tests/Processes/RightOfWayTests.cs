using Shouldly;
using Sluice.Server.Processes;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Processes;

public sealed class RightOfWayTests
{
    private readonly RightOfWay _way = new();
    private int _ticks;

    [Fact]
    public async Task What_nobody_waits_for_stands_still_until_the_last_who_is_waited_for_has_gone()
    {
        Shell.RequireLinux();
        await using var child = await StartAsync();
        using var turn = _way.Yield(child);
        await GoesOnAsync();

        var first = _way.Take();
        var second = _way.Take();
        await StandsStillAsync();
        first.Dispose();
        first.Dispose(); // Once is enough.
        await StandsStillAsync();

        second.Dispose();
        await GoesOnAsync();
    }

    [Fact]
    public async Task What_begins_meanwhile_stands_still_at_once()
    {
        Shell.RequireLinux();
        using var taken = _way.Take();
        await using var child = await StartAsync();
        using var turn = _way.Yield(child);
        await StandsStillAsync();
    }

    [Fact]
    public async Task What_stands_still_can_be_ended()
    {
        Shell.RequireLinux();
        using var taken = _way.Take();
        var child = await StartAsync();
        using (_way.Yield(child))
        {
            child.Kill();
            (await child.Completion.WaitAsync(Eventually.Patience, TestContext.Current.CancellationToken)).Reason.ShouldBe(ExitReason.Killed);
        }

        await child.DisposeAsync();
    }

    private Task<ChildProcess> StartAsync() => Shell.StartAsync(Shell.Script("while :; do echo t=1 >&2; sleep 0.02; done", new ChildLimits()) with
    {
        TakesLine = _ => Interlocked.Increment(ref _ticks) > 0,
    });

    private async Task GoesOnAsync()
    {
        var before = Volatile.Read(ref _ticks);
        (await Eventually.Holds(() => Volatile.Read(ref _ticks) > before + 2)).ShouldBeTrue();
    }

    private async Task StandsStillAsync()
    {
        // What it wrote before is read first, which may take a moment. A machine that is so busy that nothing else runs either proves nothing, and does no harm.
        var before = -1;
        (await Eventually.Holds(async () =>
        {
            var last = before;
            before = Volatile.Read(ref _ticks);
            await Task.Delay(300, TestContext.Current.CancellationToken);
            return before == last;
        })).ShouldBeTrue("it goes on");
        Volatile.Read(ref _ticks).ShouldBe(before);
    }
}
