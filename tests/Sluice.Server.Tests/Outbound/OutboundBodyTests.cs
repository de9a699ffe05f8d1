using System.IO.Pipelines;
using Shouldly;
using Sluice.Server.Outbound;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Outbound;

/// <summary>How long a body may be silent, by a clock that only the test moves.</summary>
public sealed class OutboundBodyTests : IAsyncDisposable
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);

    private readonly FakeClock _clock = new();
    private readonly Pipe _origin = new();
    private readonly OutboundBody _body;

    public OutboundBodyTests() =>
        _body = new OutboundBody(_origin.Reader.AsStream(), new OutboundLimits { Idle = Idle }, _clock, CancellationToken.None);

    public async ValueTask DisposeAsync() => await _body.DisposeAsync();

    [Fact]
    public async Task Each_wait_has_all_of_its_time_and_no_more()
    {
        foreach (var passed in new[] { 6, 9, 1, 4 })
        {
            var read = Read();
            _clock.Advance(TimeSpan.FromSeconds(passed));
            read.IsCompleted.ShouldBeFalse($"it has waited for {passed} s, whatever those before it took");
            await _origin.Writer.WriteAsync(new byte[7], TestContext.Current.CancellationToken);
            (await read).ShouldBe(7);
        }

        // Nobody reads for a while: that is not the other side's silence.
        _clock.Advance(3 * Idle);
        var last = Read();
        _clock.Advance(Idle - TimeSpan.FromSeconds(1));
        last.IsCompleted.ShouldBeFalse("a second is left");
        _clock.Advance(TimeSpan.FromSeconds(1));

        (await Should.ThrowAsync<OutboundException>(() => last)).Failure.ShouldBe(OutboundFailure.TimedOut);
    }

    [Fact]
    public async Task Who_goes_away_while_it_waits_is_not_told_that_it_was_too_slow()
    {
        using var gone = new CancellationTokenSource();
        var read = _body.ReadAsync(new byte[16], gone.Token).AsTask();
        await gone.CancelAsync();

        (await Should.ThrowAsync<OperationCanceledException>(() => read)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Who_begins_to_wait_just_when_another_has_waited_too_long_has_his_own_time()
    {
        var clock = new LookedAt();
        await using var body = new OutboundBody(_origin.Reader.AsStream(), new OutboundLimits { Idle = Idle }, clock, CancellationToken.None);
        using var other = new CancellationTokenSource();
        var first = body.ReadAsync(new byte[16], TestContext.Current.CancellationToken).AsTask();
        Task<int>? second = null;
        clock.Elapse(Idle, () =>
        {
            // The watch has decided; now bytes come, and somebody else reads on.
            _origin.Writer.WriteAsync(new byte[7]).AsTask().Wait(Eventually.Patience).ShouldBeTrue();
            first.Wait(Eventually.Patience).ShouldBeTrue();
            second = body.ReadAsync(new byte[16], other.Token).AsTask();
        });

        (await first).ShouldBe(7);
        await _origin.Writer.WriteAsync(new byte[5], TestContext.Current.CancellationToken);
        (await second.ShouldNotBeNull()).ShouldBe(5);
    }

    private Task<int> Read() => _body.ReadAsync(new byte[16], TestContext.Current.CancellationToken).AsTask();

    /// <summary>Time that passes on demand, and while the watch looks at it something else happens.</summary>
    private sealed class LookedAt : TimeProvider
    {
        private readonly FakeClock _clock = new();
        private Action? _meanwhile;

        public override long TimestampFrequency => _clock.TimestampFrequency;

        public override long GetTimestamp()
        {
            var now = _clock.GetTimestamp();
            Interlocked.Exchange(ref _meanwhile, null)?.Invoke();
            return now;
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => _clock.CreateTimer(callback, state, dueTime, period);

        public void Elapse(TimeSpan time, Action meanwhile)
        {
            _meanwhile = meanwhile;
            _clock.Advance(time);
        }
    }
}
