using System.Net;
using System.Text.Json;
using Shouldly;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Tests.Deliver;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Access;

/// <summary>Links for one address, and links for a number of views.</summary>
public sealed class LinkTests(Clip clip) : IClassFixture<Clip>
{
    private const string Anna = "203.0.113.5";
    private const string Bert = "198.51.100.9";

    [Theory]
    [InlineData("203.0.113.0/24", "203.0.113.5", true)]
    [InlineData("203.0.113.0/24", "198.51.100.9", false)]
    [InlineData("203.0.113.5", "::ffff:203.0.113.5", true)]
    [InlineData("203.0.113.5", "198.51.100.9, 203.0.113.5", true)]
    [InlineData("203.0.113.5", "203.0.113.5, 198.51.100.9", false)]
    [InlineData("203.0.113.5", "203.0.113.5, 198.51.100.9, 127.0.0.1", false)]
    [InlineData("203.0.113.5", "203.0.113.5, 127.0.0.1", true)]
    [InlineData("203.0.113.5", "203.0.113.5, nonsense", false)]
    [InlineData("2001:db8::/48", "2001:db8::7", true)]
    [InlineData("2001:db8::/48", "[2001:db8::7]:4711", true)]
    public async Task A_bound_link_opens_to_its_address_alone_by_what_the_nearest_stranger_to_our_proxy_has(string boundTo, string forwarded, bool opens)
    {
        await using var server = await SluiceServer.StartAsync(o => o.Server.TrustedProxies = ["127.0.0.1"]);
        var (_, path) = await LinkAsync(server, $$"""{"boundTo":"{{boundTo}}"}""");
        using var answer = await AskAsync(server, path, forwarded);
        if (opens)
        {
            await answer.ShouldBeProblemAsync(404, "extra-unknown");
        }
        else
        {
            await answer.ShouldBeProblemAsync(403, "token-bound");
        }
    }

    [Fact]
    public async Task Without_a_trusted_proxy_what_is_forwarded_means_nothing()
    {
        await using var server = await SluiceServer.StartAsync();
        var (id, path) = await LinkAsync(server, $$"""{"boundTo":"{{Anna}}"}""");
        await (await AskAsync(server, path, Anna)).ShouldBeProblemAsync(403, "token-bound");
        await (await AskAsync(server, path.Replace($"/stream/{id}/poster.jpg", $"/api/v1/media/{id}", StringComparison.Ordinal), Anna)).ShouldBeProblemAsync(403, "token-bound");

        var (_, own) = await LinkAsync(server, """{"boundTo":"127.0.0.0/8"}""");
        await (await AskAsync(server, own, Anna)).ShouldBeProblemAsync(404, "extra-unknown");
    }

    [Theory]
    [InlineData("""{"boundTo":"nas.lan"}""", "203.0.113.0/24")]
    [InlineData("""{"boundTo":7}""", "203.0.113.0/24")]
    [InlineData("""{"maxViews":0}""", "100000")]
    [InlineData("""{"maxViews":100001}""", "100000")]
    [InlineData("""{"maxViews":"1"}""", "100000")]
    [InlineData("""{"maxViews":1.5}""", "100000")]
    public async Task A_wish_that_cannot_be_met_is_refused_with_the_rule(string wish, string said)
    {
        await using var server = await SluiceServer.StartAsync();
        var media = await server.PublishAsync();
        using var answer = await server.SendAsync(HttpMethod.Post, $"/api/v1/media/{media.Text("id")}/tokens", json: wish);
        (await answer.ShouldBeProblemAsync(422, "request-invalid")).Text("detail").ShouldContain(said);
    }

    [Fact]
    public async Task A_view_is_a_playback_however_much_of_it_is_asked_for()
    {
        await using var title = await RealAsync();
        var (server, id, token) = (title.Server, title.Id, title.Token);
        var master = $"/stream/{id}/master.m3u8?token={token}";
        var first = await PlayAsync(server, master, Anna);
        first.ShouldNotBeEmpty();
        await PlayAsync(server, master, Anna); // Again, as a page that is loaded anew does.
        (await AskAsync(server, $"/stream/{id}/manifest.mpd?token={token}", Anna)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await AskAsync(server, first, "192.0.2.99")).StatusCode.ShouldBe(HttpStatusCode.OK, "the same playback, by another line");
        await PlayAsync(server, master, Bert);

        using var third = await AskAsync(server, master, "192.0.2.3");
        (await third.ShouldBeProblemAsync(403, "views-used-up")).Text("detail").ShouldBe("The link was for 2 views.");
        var withoutView = first[..first.IndexOf("&view=", StringComparison.Ordinal)];
        await (await AskAsync(server, withoutView, "192.0.2.3")).ShouldBeProblemAsync(403, "views-used-up");
        await (await AskAsync(server, withoutView + "&view=0123456789abcdef", "192.0.2.3")).ShouldBeProblemAsync(403, "views-used-up");
        (await AskAsync(server, $"/api/v1/media/{id}?token={token}", "192.0.2.3")).StatusCode.ShouldBe(HttpStatusCode.OK, "the page still says what it would play");
        await (await AskAsync(server, $"/stream/{id}/poster.jpg?token={token}", "192.0.2.3")).ShouldBeProblemAsync(404, "extra-unknown");
        await PlayAsync(server, master, Anna);
    }

    [Fact]
    public async Task Views_outlive_a_restart_and_end_after_a_while()
    {
        var data = Directory.CreateTempSubdirectory("sluice-test-").FullName;
        var clock = new FakeClock();
        string master, segment;
        await using (var title = await RealAsync(data, clock))
        {
            master = $"/stream/{title.Id}/master.m3u8?token={title.Token}";
            segment = await PlayAsync(title.Server, master, Anna);
            await PlayAsync(title.Server, master, Bert);
        }

        await using (var server = await StartAsync(data, clock))
        {
            await (await AskAsync(server, master, "192.0.2.3")).ShouldBeProblemAsync(403, "views-used-up");
            (await AskAsync(server, segment, "192.0.2.3")).StatusCode.ShouldBe(HttpStatusCode.OK);
            await PlayAsync(server, master, Anna);
            clock.Advance(LinkViews.Window + LinkViews.Told);
            await (await AskAsync(server, segment, Anna)).ShouldBeProblemAsync(403, "views-used-up");
            await (await AskAsync(server, master, Bert)).ShouldBeProblemAsync(403, "views-used-up");
        }

        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task A_playback_that_goes_on_keeps_its_view_for_days()
    {
        var clock = new FakeClock();
        await using var title = await RealAsync(clock: clock, views: 1, days: 3);
        var segment = await PlayAsync(title.Server, $"/stream/{title.Id}/master.m3u8?token={title.Token}", Anna);
        for (var hours = 0; hours < 60; hours += 5)
        {
            clock.Advance(TimeSpan.FromHours(5));
            (await AskAsync(title.Server, segment, Anna)).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        clock.Advance(LinkViews.Window + LinkViews.Told);
        await (await AskAsync(title.Server, segment, Anna)).ShouldBeProblemAsync(403, "views-used-up");
    }

    [Fact]
    public async Task A_view_is_not_passed_on_with_the_url()
    {
        await using var title = await RealAsync(views: 1);
        var segment = await PlayAsync(title.Server, $"/stream/{title.Id}/master.m3u8?token={title.Token}", Anna);
        segment.ShouldContain("view=");

        await (await AskAsync(title.Server, segment, Anna, program: "another/1.0")).ShouldBeProblemAsync(403, "views-used-up");
        var crowd = await Task.WhenAll(Enumerable.Range(1, 50).Select(n => AskAsync(title.Server, segment, $"192.0.2.{n}")));
        crowd.Count(a => a.StatusCode == HttpStatusCode.OK).ShouldBe(ViewClaim.MostAddresses - 1);
        (await AskAsync(title.Server, segment, Anna)).StatusCode.ShouldBe(HttpStatusCode.OK, "who has it keeps it");
    }

    [Fact]
    public async Task Addresses_that_one_line_has_are_one()
    {
        await using var title = await RealAsync(views: 1);
        var master = $"/stream/{title.Id}/master.m3u8?token={title.Token}";
        for (var n = 1; n <= ViewClaim.MostAddresses * 2; n++)
        {
            (await AskAsync(title.Server, master, $"2001:db8:0:1::{n}")).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        await (await AskAsync(title.Server, master, "2001:db8:0:2::1")).ShouldBeProblemAsync(403, "views-used-up");
    }

    [Theory]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1", true)]
    [InlineData("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15", true)]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36", false)]
    [InlineData("Mozilla/5.0 (Linux; U; Android 4.0; de-de) AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 Mobile Safari/534.30", false)]
    [InlineData("", false)]
    public async Task Safari_and_the_process_that_plays_for_it_are_one_program(string browser, bool isOne)
    {
        await using var title = await RealAsync(views: 1);
        var master = $"/stream/{title.Id}/master.m3u8?token={title.Token}";
        (await AskAsync(title.Server, master, Anna, program: browser)).StatusCode.ShouldBe(HttpStatusCode.OK);
        using var player = await AskAsync(title.Server, master, Anna, program: "AppleCoreMedia/1.0.0.22A3354 (iPhone; U; CPU OS 18_0 like Mac OS X; de_de)");
        player.StatusCode.ShouldBe(isOne ? HttpStatusCode.OK : HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Of_many_who_come_at_once_as_many_get_in_as_may()
    {
        await using var title = await RealAsync();
        var master = $"/stream/{title.Id}/master.m3u8?token={title.Token}";
        var answers = await Task.WhenAll(Enumerable.Range(1, 20).Select(n => AskAsync(title.Server, master, $"192.0.2.{n}")));
        answers.Count(a => a.StatusCode == HttpStatusCode.OK).ShouldBe(2);
        answers.Count(a => a.StatusCode == HttpStatusCode.Forbidden).ShouldBe(18);
    }

    [Fact]
    public async Task A_player_that_sends_its_token_in_a_header_plays_too()
    {
        await using var title = await RealAsync();
        var (server, id) = (title.Server, title.Id);
        async Task<HttpResponseMessage> AskByHeaderAsync(string path, string from) =>
            await server.SendAsync(HttpMethod.Get, path, bearer: title.Token, headers: ("X-Forwarded-For", from));

        using var master = await AskByHeaderAsync($"/stream/{id}/master.m3u8", Anna);
        var text = await master.Content.ReadAsStringAsync();
        text.ShouldNotContain("token=");
        var list = text.Split('\n').First(line => line.EndsWith("index.m3u8", StringComparison.Ordinal));
        (await AskByHeaderAsync($"/stream/{id}/{list}", Anna)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static async Task<(string Id, string Path)> LinkAsync(SluiceServer server, string wish)
    {
        var id = (await server.PublishAsync()).Text("id");
        using var issued = await server.SendAsync(HttpMethod.Post, $"/api/v1/media/{id}/tokens", json: wish);
        return (id, $"/stream/{id}/poster.jpg?token={(await issued.JsonAsync()).Text("token")}");
    }

    private static Task<HttpResponseMessage> AskAsync(SluiceServer server, string path, string from, string program = "player/1.0") =>
        server.SendAsync(HttpMethod.Get, path, headers: [("X-Forwarded-For", from), ("User-Agent", program)]);

    /// <summary>Plays the first segment of the first track.</summary>
    /// <returns>Its path.</returns>
    private static async Task<string> PlayAsync(SluiceServer server, string master, string from)
    {
        var list = await NextAsync(server, master, "index.m3u8", from);
        var segment = await NextAsync(server, list, ".m4s", from);
        (await AskAsync(server, segment, from)).StatusCode.ShouldBe(HttpStatusCode.OK);
        return segment;
    }

    private static async Task<string> NextAsync(SluiceServer server, string playlist, string kind, string from)
    {
        using var answer = await AskAsync(server, playlist, from);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        var line = (await answer.Content.ReadAsStringAsync()).Split('\n').First(text => !text.StartsWith('#') && text.Contains(kind, StringComparison.Ordinal));
        return new Uri(new Uri(server.Http.BaseAddress!, playlist), line).PathAndQuery;
    }

    private static Task<SluiceServer> StartAsync(string? data, FakeClock? clock) =>
        SluiceServer.StartAsync(o => o.Server.TrustedProxies = ["127.0.0.1"], realPackager: true, data: data, clock: clock);

    /// <summary>A film on a server, and a link of two views, or another number, to it.</summary>
    private async Task<LimitedTitle> RealAsync(string? data = null, FakeClock? clock = null, int views = 2, int days = 1)
    {
        var server = await StartAsync(data, clock);
        using var uploaded = await server.UploadFileAsync(clip.Path);
        var id = (await uploaded.JsonAsync()).Text("id");
        using var issued = await server.SendAsync(HttpMethod.Post, $"/api/v1/media/{id}/tokens", json: $$"""{"maxViews":{{views}},"expiresInMinutes":{{days * 1440}}}""");
        return new LimitedTitle(server, id, (await issued.JsonAsync()).Text("token"));
    }

    private sealed record LimitedTitle(SluiceServer Server, string Id, string Token) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
