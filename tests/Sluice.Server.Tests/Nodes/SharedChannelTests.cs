using Shouldly;
using Sluice.Server.Access;
using Sluice.Server.Live.Channels;
using Sluice.Server.Manage.Channels;
using Sluice.Server.Tests.Catalog;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Nodes;

/// <summary>Channels that are made on one server are on the other, and so is what becomes of them.</summary>
public sealed class SharedChannelTests(PostgresServers servers) : IAsyncLifetime
{
    private SluiceServer _one = null!;
    private SluiceServer _two = null!;

    public async ValueTask InitializeAsync()
    {
        var shared = await servers.SharedAsync();
        var database = shared.UrlOf(await shared.NewDatabaseAsync());
        (_one, _two) = (await ClusterNode.StartAsync(database), await ClusterNode.StartAsync(database));
    }

    public async ValueTask DisposeAsync()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
    }

    [Fact]
    public async Task What_is_made_changed_revoked_and_removed_on_one_is_so_on_the_other()
    {
        var desk = _one.Of<ChannelDesk>();
        await desk.PutAsync("news", _ => News("First"), default);
        (await Eventually.Holds(() => On(_two) is { Title: "First" })).ShouldBeTrue();
        Epoch(_two).ShouldBe(Epoch(_one));

        await desk.PutAsync("news", _ => News("Second"), default);
        (await Eventually.Holds(() => On(_two) is { Title: "Second" })).ShouldBeTrue();

        var before = Epoch(_two);
        await desk.RevokeAsync("news", default);
        (await Eventually.Holds(() => Epoch(_two) == before + 1)).ShouldBeTrue();

        (await _two.Of<ChannelDesk>().RemoveAsync("news", default)).ShouldBeTrue();
        (await Eventually.Holds(() => On(_one) is null)).ShouldBeTrue();
        Epoch(_one).ShouldBe(-1, "no token opens what takes its name");
    }

    private static ChannelDefinition News(string title) =>
        new() { Name = "news", Title = title, Urls = ["http://127.0.0.1:9/live.m3u8"], Origin = ChannelOrigin.Api };

    private static ChannelDefinition? On(SluiceServer server) => server.Of<ChannelRegistry>().TryGet("news", out var channel) ? channel.Definition : null;

    private static int Epoch(SluiceServer server) => server.Of<ChannelEpochs>().Of("news");
}
