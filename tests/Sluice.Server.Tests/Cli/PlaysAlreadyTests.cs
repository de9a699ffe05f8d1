using Shouldly;
using Sluice.Server.Cli;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Cli;

public sealed class PlaysAlreadyTests
{
    private readonly FakeClock _clock = new();
    private readonly TaskCompletionSource<int> _sending = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _said;

    [Theory]
    [InlineData("now", 1)]
    [InlineData("at-end", 0)]
    [InlineData("unknown", 0)]
    [InlineData(null, 0)]
    public async Task It_is_said_once_when_the_server_says_so(string? plays, int said)
    {
        var sending = Run(_ => Task.FromResult(plays));
        await PassAsync(said);
        _sending.SetResult(7);

        (await sending).ShouldBe(7);
        _said.ShouldBe(said);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_hinders_nobody()
    {
        var sending = Run(_ => throw new HttpRequestException("gone"));
        await PassAsync(said: 0);
        _sending.SetResult(7);

        (await sending).ShouldBe(7);
        _said.ShouldBe(0);
    }

    private Task<int> Run(Func<CancellationToken, Task<string?>> ask) => new PlaysAlready(ask, _ => Task.FromResult(++_said), _clock)
        .WhileAsync(() => _sending.Task, CancellationToken.None);

    /// <summary>Time passes, until so much was said and then for a while.</summary>
    private async Task PassAsync(int said)
    {
        var looks = 0;
        (await Eventually.Holds(() =>
        {
            _clock.Advance(TimeSpan.FromSeconds(2));
            return _said >= said && ++looks >= 20;
        })).ShouldBeTrue();
    }
}
