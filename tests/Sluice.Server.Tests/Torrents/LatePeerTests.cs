using Shouldly;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Torrents;

/// <summary>Peers that the tracker hears of after it was asked, and who cannot come to us.</summary>
public sealed class LatePeerTests(LatePeerTests.EmptySwarm swarm) : IClassFixture<LatePeerTests.EmptySwarm>
{
    [Fact]
    public async Task They_are_found_long_before_the_tracker_wants_to_be_asked_again()
    {
        await using var engine = Swarm.Engine();
        await using var torrent = await engine.AddAsync(swarm.Link, swarm.NewFolder(), TestContext.Current.CancellationToken);
        var opening = torrent.OpenAsync(TestContext.Current.CancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken); // The tracker has answered that it knows nobody else.
        opening.IsCompleted.ShouldBeFalse();

        await swarm.SeedAsync();
        (await opening.WaitAsync(Eventually.Patience, TestContext.Current.CancellationToken)).Length.ShouldBe(swarm.Content.Length);
    }

    /// <summary>A swarm without a seeder, to begin with.</summary>
    public sealed class EmptySwarm : Swarm
    {
        private protected override bool IsSeeded => false;
    }
}
