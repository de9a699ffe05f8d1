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

    private Task<int> Read() => _body.ReadAsync(new byte[16], TestContext.Current.CancellationToken).AsTask();
}
