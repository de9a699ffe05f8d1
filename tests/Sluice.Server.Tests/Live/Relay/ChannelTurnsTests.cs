using System.Diagnostics;
using System.Net;
using Shouldly;
using Sluice.Media.Hls;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Live.Relay;
using Sluice.Server.Nodes;
using Sluice.Server.Tests.Catalog;
using Sluice.Server.Tests.Nodes;
using Sluice.Server.Tests.Support;
using Sluice.Server.Tests.Torrents;
using Sluice.Tests;
using Xunit;
using static Sluice.Server.Tests.Live.FaultOrigin;

namespace Sluice.Server.Tests.Live.Relay;

/// <summary>A channel on two servers: one pulls it, both show it, and it outlives either.</summary>
public sealed class ChannelTurnsTests(PostgresServers servers, LiveSegments segments) : IClassFixture<LiveSegments>, IAsyncLifetime
{
    /// <summary>Within this a dead owner is replaced.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private TwoNodes _nodes = null!;

    public async ValueTask InitializeAsync()
    {
        _nodes = await TwoNodes.StartAsync(servers, segments);
        for (var n = 0; n < 4000; n++)
        {
            _nodes.Origin.Server.Files[$"live/{n}.ts"] = segments.All[n % segments.All.Count];
        }

        _nodes.Origin.Script("live/index.m3u8", Endless(0));
        _nodes.Set("live/index.m3u8");
    }

    public ValueTask DisposeAsync() => _nodes.DisposeAsync();

    [Fact]
    public async Task One_server_pulls_and_both_list_the_same_bytes_under_the_same_numbers()
    {
        var one = await ListAsync(_nodes.One);
        var two = await ListAsync(_nodes.Two);
        (await Eventually.Holds(async () => (two = await ListAsync(_nodes.Two)).Segments.Count >= 5)).ShouldBeTrue();
        one = await ListAsync(_nodes.One);

        var both = one.Segments.Select(s => s.Uri).Intersect(two.Segments.Select(s => s.Uri)).ToList();
        both.Count.ShouldBeGreaterThanOrEqualTo(3);
        foreach (var uri in both)
        {
            (await _nodes.Two.Http.GetByteArrayAsync($"/live/film/{uri}", _ct)).ShouldBe(await _nodes.One.Http.GetByteArrayAsync($"/live/film/{uri}", _ct));
        }

        using var body = await _nodes.Two.Http.GetStreamAsync("/live/film", _ct);
        var start = new byte[300 * 188];
        await body.ReadExactlyAsync(start, _ct);
        TsCheck.Of(start).Problems.ShouldBeEmpty();

        var asked = _nodes.Origin.Server.Asked.Where(path => path.EndsWith(".ts", StringComparison.Ordinal)).ToList();
        asked.ShouldBe(asked.Distinct(), "each segment came over the line once");
        (_nodes.One.Of<Holds>().Self, await _nodes.Two.Of<Holds>().HolderAsync("channel film", _ct)).ShouldSatisfyAllConditions(
            pair => pair.Item2.ShouldBe(pair.Item1));
    }

    [Fact]
    public async Task When_the_owner_stops_the_other_goes_on_above_its_numbers()
    {
        await ListAsync(_nodes.One);
        var before = await ListAsync(_nodes.Two);
        using var endless = await _nodes.Two.Http.GetStreamAsync("/live/film", _ct);
        await endless.ReadExactlyAsync(new byte[188], _ct);

        await _nodes.One.App.StopAsync(_ct);

        var since = Stopwatch.StartNew();
        var after = await UntilAsync(_nodes.Two, list => list.MediaSequence > before.MediaSequence + before.Segments.Count);
        since.Elapsed.ShouldBeLessThan(Bound);
        after.IsEnded.ShouldBeFalse();
        await Should.ThrowAsync<Exception>(async () =>
        {
            while (await endless.ReadAsync(new byte[64 << 10], _ct) > 0)
            {
            }
        }, "who takes the endless body is cut off, and comes again");
        (await _nodes.Two.Of<Holds>().HolderAsync("channel film", _ct)).ShouldBe(_nodes.Two.Of<Holds>().Self);
    }

    [Fact]
    public async Task An_owner_that_died_is_replaced_within_ten_seconds()
    {
        var dead = new Holder("dead", new Uri($"http://127.0.0.1:{Swarm.FreePort()}"));
        (await _nodes.One.Of<IHoldCatalog>().HoldAsync("channel film", dead, DateTimeOffset.UtcNow, ChannelTurns.Length, _ct)).ShouldBeTrue();

        var since = Stopwatch.StartNew();
        await ListAsync(_nodes.One);

        since.Elapsed.ShouldBeInRange(ChannelTurns.Length / 2, Bound);
        (await _nodes.One.Of<Holds>().HolderAsync("channel film", _ct)).ShouldBe(_nodes.One.Of<Holds>().Self);
    }

    [Fact]
    public async Task Who_has_it_no_more_takes_it_from_who_has()
    {
        await ListAsync(_nodes.One);
        var catalog = _nodes.One.Of<IHoldCatalog>();
        await catalog.LetGoAsync("channel film", _nodes.One.Of<Holds>().Self.Name, _ct);
        var two = await ListAsync(_nodes.Two); // Whose it is now.
        (await catalog.HolderAsync("channel film", DateTimeOffset.UtcNow, _ct)).ShouldBe(_nodes.Two.Of<Holds>().Self);

        var one = await UntilAsync(_nodes.One, list => list.Segments.Select(s => s.Uri).Intersect(two.Segments.Select(s => s.Uri)).Any());

        one.IsEnded.ShouldBeFalse();
    }

    [Fact]
    public async Task The_relay_is_for_nodes_and_begins_nothing()
    {
        const string path = "/nodes/live/film";
        using var stranger = await _nodes.One.Http.GetAsync(path, _ct);
        stranger.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        using var forger = await AskAsync(path, "1790000000.AAAA");
        forger.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

        using var node = await AskAsync(path, _nodes.Two.Of<NodePass>().For("GET", path));
        node.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        _nodes.Origin.Server.Asked.ShouldBeEmpty();
    }

    private async Task<HttpResponseMessage> AskAsync(string path, string pass)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { NodePass.Header, pass } } };
        return await _nodes.One.Http.SendAsync(request, _ct);
    }

    private async Task<HlsMediaPlaylist> ListAsync(SluiceServer server) => await UntilAsync(server, static _ => true);

    /// <summary>The playlist, when it is as it is to be; a player asks again, too.</summary>
    private async Task<HlsMediaPlaylist> UntilAsync(SluiceServer server, Func<HlsMediaPlaylist, bool> holds)
    {
        HlsMediaPlaylist? list = null;
        (await Eventually.Holds(async () =>
        {
            using var answer = await server.Http.GetAsync("/live/film/index.m3u8", _ct);
            list = answer.IsSuccessStatusCode ? HlsPlaylistReader.TryRead(await answer.Content.ReadAsByteArrayAsync(_ct), out _) as HlsMediaPlaylist : null;
            return list is not null && holds(list);
        })).ShouldBeTrue();
        return list!;
    }
}
