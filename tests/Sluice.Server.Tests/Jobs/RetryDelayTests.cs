using Shouldly;
using Sluice.Server.Jobs;
using Xunit;

namespace Sluice.Server.Tests.Jobs;

public sealed class RetryDelayTests
{
    [Theory]
    [InlineData(0, 0, 2)]
    [InlineData(0, 1, 2.5)]
    [InlineData(1, 0, 8)]
    [InlineData(2, 0, 32)]
    [InlineData(2, 0.5, 36)]
    [InlineData(5, 0, 600)]
    [InlineData(5000, 1, 750)]
    public void The_pause_grows_up_to_its_bound(int failuresBefore, double random, double seconds) =>
        RetryDelay.After(failuresBefore, random).ShouldBe(TimeSpan.FromSeconds(seconds));
}
