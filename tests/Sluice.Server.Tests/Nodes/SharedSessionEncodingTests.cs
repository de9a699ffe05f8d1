using System.Net;
using Shouldly;
using Sluice.Media.Binary;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Tests.Catalog;
using Sluice.Server.Tests.Outbound.Remote;
using Sluice.Server.Tests.Sessions;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Nodes;

/// <summary>What a session plays and has to be encoded is encoded where the session is, and again where it goes on.</summary>
public sealed class SharedSessionEncodingTests(PostgresServers servers, EncodedClips clips) : IClassFixture<EncodedClips>, IAsyncLifetime
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private string _database = null!;
    private RangeOrigin _origin = null!;

    public async ValueTask InitializeAsync()
    {
        var shared = await servers.SharedAsync();
        _database = shared.UrlOf(await shared.NewDatabaseAsync());
        _origin = await RangeOrigin.StartAsync();
        _origin.Content = new MemoryByteSource(clips.Of("mpeg4.avi"));
    }

    public ValueTask DisposeAsync() => _origin.DisposeAsync();

    [Fact]
    public async Task It_is_encoded_by_the_node_that_has_the_session_also_by_the_next_one()
    {
        await using var one = await StartAsync();
        await using var two = await StartAsync();
        var begun = await SessionServer.BeginAsync(one, _origin.Url);
        var hls = new Uri(two.Http.BaseAddress!, new Uri(begun.GetProperty("playback").Text("hls")).PathAndQuery).AbsoluteUri;
        var player = new Player(two, hls);
        var tracks = await player.TracksAsync();
        var (version, _) = tracks.First(t => t.Track.StartsWith('v'));
        await ChunkAsync(player, $"{version}/v0/2.m4s");
        Directory.Exists(Path.Combine(two.Data, "scratch")).ShouldBeFalse("nothing of it is made here");

        await one.App.StopAsync(_ct);

        (await player.TracksAsync()).ShouldBe(tracks, "the same names");
        await ChunkAsync(player, $"{version}/v0/2.m4s");
        Directory.EnumerateFiles(Path.Combine(two.Data, "scratch"), "*.m4s", SearchOption.AllDirectories).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_node_that_encodes_nothing_begins_none_that_has_to_be_encoded()
    {
        await using var server = await StartAsync(options => (options.Roles, options.Queue.Url) = (["api", "live"], "amqp://127.0.0.1:9/none"));
        using var refused = await SessionServer.PostAsync(server, _origin.Url);

        var said = await refused.JsonAsync();
        (refused.StatusCode, said.Text("code")).ShouldBe((HttpStatusCode.UnprocessableEntity, "source-unsupported"));
        said.Text("detail").ShouldContain("role worker");
        (await server.Of<ICatalog>().OwnedAsync(_ct)).ShouldBeEmpty();
        (await Eventually.Holds(async () => (await server.Of<ISessionCatalog>().ListSessionsAsync(_ct)).Count == 0)).ShouldBeTrue();
    }

    private Task<SluiceServer> StartAsync(Action<SluiceOptions>? configure = null) => ClusterNode.StartAsync(
        _database,
        configure: options =>
        {
            (options.Transcode.Enabled, options.Transcode.ChunkSeconds, options.Transcode.Preset) = (true, 2, "ultrafast");
            options.Ladder = [90, 60];
            options.Ingest.Resolvers = false;
            configure?.Invoke(options);
        },
        realPackager: true);

    /// <summary>A chunk, when it has been made; a player asks again, too.</summary>
    private static async Task ChunkAsync(Player player, string file) => (await Eventually.Holds(async () =>
    {
        using var answer = await player.GetAsync(file);
        return answer.IsSuccessStatusCode && (await answer.Content.ReadAsByteArrayAsync()).Length > 100;
    })).ShouldBeTrue(file);
}
