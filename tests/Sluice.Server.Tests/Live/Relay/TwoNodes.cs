using Sluice.Server.Live.Channels;
using Sluice.Server.Tests.Catalog;
using Sluice.Server.Tests.Nodes;
using Sluice.Server.Tests.Support;

namespace Sluice.Server.Tests.Live.Relay;

/// <summary>Two servers over one database, each of which the other one reaches, and one upstream.</summary>
internal sealed class TwoNodes : IAsyncDisposable
{
    private TwoNodes(FaultOrigin origin, SluiceServer one, SluiceServer two) => (Origin, One, Two) = (origin, one, two);

    public FaultOrigin Origin { get; }

    public SluiceServer One { get; }

    public SluiceServer Two { get; }

    public static async Task<TwoNodes> StartAsync(PostgresServers servers, LiveSegments segments)
    {
        var shared = await servers.SharedAsync();
        var database = shared.UrlOf(await shared.NewDatabaseAsync());
        var origin = await FaultOrigin.StartAsync(segments);
        return new TwoNodes(origin, await ClusterNode.StartAsync(database), await ClusterNode.StartAsync(database));
    }

    /// <summary>The channel <c>film</c> of both, with a playlist of the upstream.</summary>
    public void Set(string playlist)
    {
        foreach (var server in (SluiceServer[])[One, Two])
        {
            server.Of<ChannelRegistry>().Apply(ChannelOrigin.Configuration,
            [
                new ChannelDefinition
                {
                    Name = "film",
                    Urls = [Origin.Server.Url(playlist).Secret],
                    Origin = ChannelOrigin.Configuration,
                    IsPublic = true,
                    Idle = TimeSpan.FromMinutes(10),
                },
            ]);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await One.DisposeAsync();
        await Two.DisposeAsync();
        await Origin.DisposeAsync();
    }
}
