using System.Net;
using Shouldly;
using Sluice.Media.Tests.Building;
using Sluice.Server.Catalog;
using Sluice.Server.Nodes;
using Sluice.Server.Sessions;
using Sluice.Server.Tests.Catalog;
using Sluice.Server.Tests.Outbound.Remote;
using Sluice.Server.Tests.Sessions;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Nodes;

/// <summary>Browsers of RSD behind a load balancer that sends each request to whichever server it likes.</summary>
public sealed class SharedRsdTests(PostgresServers servers) : IAsyncLifetime
{
    private const string Ann = "1d0b0f9e-52a7-4a8e-9d5c-6f6ad3c1d001", Bob = "1d0b0f9e-52a7-4a8e-9d5c-6f6ad3c1d002";

    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private RangeOrigin _origin = null!;
    private SluiceServer _one = null!;
    private SluiceServer _two = null!;

    public async ValueTask InitializeAsync()
    {
        var shared = await servers.SharedAsync();
        var database = shared.UrlOf(await shared.NewDatabaseAsync());
        _origin = await RangeOrigin.StartAsync();
        _origin.Content = LongTitle.Of(TimeSpan.FromMinutes(2));
        (_one, _two) = (await ClusterNode.StartAsync(database, realPackager: true), await ClusterNode.StartAsync(database, realPackager: true));
    }

    public async ValueTask DisposeAsync()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
        await _origin.DisposeAsync();
    }

    [Fact]
    public async Task They_watch_one_session_and_the_last_one_ends_it_wherever_they_are_heard()
    {
        await ShouldSayAsync(StartAsync(_one, Ann), 200, """{"status":"ok"}""");
        await ShouldSayAsync(StartAsync(_two, Bob), 200, """{"status":"ok"}""");
        _one.Of<SessionDesk>().All.Count.ShouldBe(1);
        _two.Of<SessionDesk>().All.ShouldBeEmpty("the source is asked once");

        foreach (var (server, name) in ((SluiceServer, string)[])[(_one, Ann), (_two, Ann), (_one, Bob), (_two, Bob)])
        {
            await ShouldSayAsync(server.SendAsync(HttpMethod.Post, $"/heartbeat/{name}"), 200, """{"status":"ok"}""");
            (await PlaylistAsync(server, name)).ShouldStartWith("#EXTM3U");
        }

        await ShouldSayAsync(_two.SendAsync(HttpMethod.Post, $"/stop/{Ann}"), 200, """{"status":"stopped"}""");
        await ShouldSayAsync(_one.SendAsync(HttpMethod.Post, $"/heartbeat/{Ann}"), 404, """{"status":"session_not_found"}""");
        _one.Of<SessionDesk>().All.Count.ShouldBe(1);
        await ShouldSayAsync(_two.SendAsync(HttpMethod.Post, $"/stop/{Bob}"), 200, """{"status":"stopped"}""");

        (await Eventually.Holds(() => _one.Of<SessionDesk>().All.Count == 0)).ShouldBeTrue();
        await SessionServer.ShouldHaveNothingAsync(_one);
        await SessionServer.ShouldHaveNothingAsync(_two);
        (await _one.Of<IHoldCatalog>().HolderAsync($"rsd {Ann}", DateTimeOffset.UtcNow, _ct)).ShouldBeNull();
        (await _one.Of<IHoldCatalog>().HolderAsync($"rsd {Bob}", DateTimeOffset.UtcNow, _ct)).ShouldBeNull();
    }

    [Fact]
    public async Task Who_watches_something_else_is_where_that_is()
    {
        await ShouldSayAsync(StartAsync(_one, Ann), 200, """{"status":"ok"}""");
        var other = await SessionServer.BeginAsync(_two, $"{_origin.Home}two.mp4");

        await ShouldSayAsync(StartAsync(_one, Ann, $"{_origin.Home}two.mp4"), 200, """{"status":"ok"}""");

        (await _one.Of<Holds>().HolderAsync($"rsd {Ann}", _ct)).ShouldBe(_two.Of<Holds>().Self);
        await ShouldSayAsync(_one.SendAsync(HttpMethod.Post, $"/heartbeat/{Ann}"), 200, """{"status":"ok"}""");
        (await PlaylistAsync(_one, Ann)).ShouldStartWith("#EXTM3U");
        using var view = await _two.Http.GetAsync($"/api/v1/sessions/{other.Text("id")}", _ct);
        (await view.JsonAsync()).GetProperty("viewers").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task Names_that_nobody_has_are_looked_for_so_often_and_no_more()
    {
        var answers = new List<HttpStatusCode>();
        for (var n = 0; n < 100 && (answers.Count == 0 || answers[^1] != HttpStatusCode.TooManyRequests); n++)
        {
            using var answer = await _two.SendAsync(HttpMethod.Post, $"/heartbeat/{Guid.NewGuid()}", headers: ("X-Forwarded-For", "203.0.113.7"));
            answers.Add(answer.StatusCode);
        }

        answers[0].ShouldBe(HttpStatusCode.NotFound);
        answers[^1].ShouldBe(HttpStatusCode.TooManyRequests);
    }

    private async Task<HttpResponseMessage> StartAsync(SluiceServer server, string name, string? url = null)
    {
        using var form = new FormUrlEncodedContent([new("url", url ?? _origin.Url)]);
        return await server.Http.PostAsync($"/stream/{name}", form, _ct);
    }

    private static async Task ShouldSayAsync(Task<HttpResponseMessage> asked, int status, string body)
    {
        using var answer = await asked;
        ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync()).ShouldBe((status, body));
    }

    /// <summary>What a player reads that follows where it is led.</summary>
    private async Task<string> PlaylistAsync(SluiceServer server, string name)
    {
        var at = new Uri($"/streams/{name}/playlist.m3u8", UriKind.Relative);
        for (var hops = 0; hops < 3; hops++)
        {
            using var answer = await server.Http.GetAsync(at, _ct);
            if (answer.Headers.Location is not { } led)
            {
                answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(_ct));
                return await answer.Content.ReadAsStringAsync(_ct);
            }

            at = new Uri(led.IsAbsoluteUri ? led.PathAndQuery : led.OriginalString, UriKind.Relative);
        }

        return "";
    }
}
