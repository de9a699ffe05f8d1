using System.IO.Pipelines;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Sluice.Server.Live;
using Sluice.Server.Live.Channels;
using Sluice.Server.Live.Output;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Live;

/// <summary>Viewers that are too slow.</summary>
public sealed class EndlessBodyTests : IAsyncDisposable
{
    private readonly FakeClock _clock = new();
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1, useSynchronizationContext: false));
    private readonly LiveFeed _feed = new(2 * LogBlock.Room, new FeedNumbers(1000, 0));
    private readonly Channel _channel;
    private readonly EndlessBody _body;
    private long _written;

    public EndlessBodyTests()
    {
        var definition = new ChannelDefinition { Name = "x", Urls = ["http://127.0.0.1/"], Origin = ChannelOrigin.Api };
        var tools = new ChannelTools(null!, (_, _, _) => throw new InvalidOperationException(), _clock, NullLogger.Instance);
        _channel = new Channel(definition, tools);
        _body = new EndlessBody(new ChannelVisit(_channel, VisitKind.Endless, null, _feed), _clock);
    }

    public async ValueTask DisposeAsync() => await _channel.DisposeAsync();

    [Fact]
    public async Task Who_skips_too_often_is_sent_away()
    {
        var sending = await BeginAsync();
        for (var n = 0; n <= EndlessBody.MostSkips; n++)
        {
            sending.IsCompleted.ShouldBeFalse($"after {n} skips");
            await SkipAsync(sending);
        }

        await sending.WaitAsync(Eventually.Patience);
        _body.IsCut.ShouldBeTrue();
        Counted(ChannelCounter.Skips).ShouldBe(EndlessBody.MostSkips + 1);
        Counted(ChannelCounter.Drops).ShouldBe(1);
    }

    [Fact]
    public async Task Who_skips_now_and_then_stays()
    {
        var sending = await BeginAsync();
        for (var n = 0; n < 3 * EndlessBody.MostSkips; n++)
        {
            await SkipAsync(sending);
            _clock.Advance(EndlessBody.SkipWindow / (EndlessBody.MostSkips - 1));
        }

        sending.IsCompleted.ShouldBeFalse();
        _feed.Ts.Complete();
        await DrainAsync(sending);
        _body.IsCut.ShouldBeFalse();
    }

    [Theory]
    [InlineData(5, 1)]
    [InlineData(4, 0)]
    public async Task Who_took_nothing_for_long_when_it_was_cut_off_was_too_slow(int seconds, int drops)
    {
        using var cutting = new CancellationTokenSource();
        Fill(1000);
        var sending = _body.SendAsync(_pipe.Writer, cutting.Token);
        sending.IsCompleted.ShouldBeFalse("nobody reads");

        _clock.Advance(TimeSpan.FromSeconds(seconds));
        await cutting.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => sending.WaitAsync(Eventually.Patience));
        Counted(ChannelCounter.Drops).ShouldBe(drops);
    }

    [Fact]
    public async Task A_feed_that_broke_cuts_the_body()
    {
        Fill(1000);
        var sending = _body.SendAsync(_pipe.Writer, CancellationToken.None);
        _feed.Ts.Complete(isBroken: true);

        await DrainAsync(sending);
        _body.IsCut.ShouldBeTrue();
    }

    /// <summary>A viewer that has come in and does not read on.</summary>
    private async Task<Task> BeginAsync()
    {
        Fill(1000);
        var sending = _body.SendAsync(_pipe.Writer, CancellationToken.None);
        await WaitsAsync(sending);
        return sending;
    }

    private long Counted(ChannelCounter counter) => _channel.Status().Counters[counter];

    /// <summary>The log moves on by more than it holds while the viewer, for whom something waits, reads nothing; then it reads.</summary>
    private async Task SkipAsync(Task sending)
    {
        for (var n = 0; n < 5; n++)
        {
            Fill(LogBlock.Room);
        }

        _pipe.Reader.TryRead(out var read).ShouldBeTrue();
        _pipe.Reader.AdvanceTo(read.Buffer.End);
        await WaitsAsync(sending);
    }

    private void Fill(int bytes)
    {
        _feed.Ts.AddPoint(new LogPoint(_written, null, new byte[188]));
        _feed.Ts.GetSpan(bytes)[..bytes].Clear();
        _feed.Ts.Advance(bytes);
        _feed.Ts.Publish();
        _written += bytes;
    }

    /// <summary>What was sent waits for the viewer to read it, so nothing more is sent; or the body is over.</summary>
    private async Task WaitsAsync(Task sending)
    {
        var reading = _pipe.Reader.ReadAsync().AsTask();
        await Task.WhenAny(sending, reading).WaitAsync(Eventually.Patience);
        if (reading.IsCompleted)
        {
            _pipe.Reader.AdvanceTo((await reading).Buffer.Start);
        }
    }

    private async Task DrainAsync(Task sending)
    {
        while (!sending.IsCompleted)
        {
            if (_pipe.Reader.TryRead(out var read))
            {
                _pipe.Reader.AdvanceTo(read.Buffer.End);
            }

            await Task.WhenAny(sending, Task.Delay(5));
        }

        await sending;
    }
}
