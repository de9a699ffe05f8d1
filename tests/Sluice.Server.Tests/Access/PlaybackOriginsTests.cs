using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Shouldly;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Access;

/// <summary>Whose pages may play, through the real server.</summary>
public sealed class PlaybackOriginsTests
{
    /// <summary>Answered by the gate alone: the title's files are none.</summary>
    private const string File = "poster.jpg";

    [Theory]
    [InlineData("https://good.example", null, true)]
    [InlineData("https://a.sub.example", null, true)]
    [InlineData("https://good.example.evil.com", null, false)]
    [InlineData("null", null, false)]
    [InlineData(null, "https://good.example/some/page?q", true)]
    [InlineData(null, "https://good.example", true)]
    [InlineData(null, "https://evil.com/https://good.example/", false)]
    [InlineData(null, "https://good.example@evil.com/", false)]
    [InlineData(null, "nonsense", false)]
    [InlineData("https://evil.com", "https://good.example/", false)]
    [InlineData("https://good.example", "https://evil.com/", true)]
    public async Task The_origin_decides_and_without_one_the_referer(string? origin, string? referer, bool may)
    {
        await using var server = await SluiceServer.StartAsync(o => o.Access.AllowedOrigins = ["https://good.example", "*.sub.example"]);
        var path = await LinkAsync(server);
        (string, string)[] headers = [.. Header("Origin", origin), .. Header("Referer", referer)];

        foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Head])
        {
            using var answer = await server.SendAsync(method, path, headers: headers);
            answer.StatusCode.ShouldBe(may ? HttpStatusCode.NotFound : HttpStatusCode.Forbidden);
            answer.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["*"], "a page that may not play can say why");
            answer.Headers.Vary.ShouldBe(["Origin", "Referer", "Sec-Fetch-Site"]);
            answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
        }

        if (!may)
        {
            using var refused = await server.SendAsync(HttpMethod.Get, path, headers: headers);
            await refused.ShouldBeProblemAsync(403, "origin-refused");
        }
    }

    [Fact]
    public async Task By_default_any_page_may_and_no_answer_depends_on_it()
    {
        await using var server = await SluiceServer.StartAsync();
        using var answer = await server.SendAsync(HttpMethod.Get, await LinkAsync(server), headers: ("Origin", "https://whoever.example"));

        await answer.ShouldBeProblemAsync(404, "extra-unknown");
        answer.Headers.Vary.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_names_no_page_is_let_in_unless_the_configuration_says_no(bool allowed)
    {
        await using var server = await SluiceServer.StartAsync(o => (o.Access.AllowedOrigins, o.Access.AllowNoReferer) = (["https://good.example"], allowed));
        var path = await LinkAsync(server);
        using var bare = await server.Http.GetAsync(path);
        bare.StatusCode.ShouldBe(allowed ? HttpStatusCode.NotFound : HttpStatusCode.Forbidden);

        // Our own pages then say to us, and to nobody else, which they are.
        using var page = await server.SendAsync(HttpMethod.Get, "/watch/x", headers: ("Accept", "text/html"));
        page.Headers.GetValues("Referrer-Policy").ShouldBe([allowed ? "no-referrer" : "same-origin"]);
        using var own = await server.SendAsync(HttpMethod.Get, path, headers: ("Referer", new Uri(server.Http.BaseAddress!, "/watch/x?token=y").AbsoluteUri));
        own.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("cross-site", true, false)]
    [InlineData("same-site", true, false)]
    [InlineData("nonsense", true, false)]
    [InlineData("same-origin", true, true)]
    [InlineData("none", true, true)]
    [InlineData("cross-site", false, false)]
    [InlineData("same-origin", false, true)]
    [InlineData("none", false, true)]
    public async Task A_page_that_withholds_its_name_is_told_by_what_its_browser_says(string site, bool allowNoReferer, bool may)
    {
        await using var server = await SluiceServer.StartAsync(
            o => (o.Access.AllowedOrigins, o.Access.AllowNoReferer) = (["https://good.example"], allowNoReferer));
        var path = await LinkAsync(server);
        using var answer = await server.SendAsync(HttpMethod.Get, path, headers: [("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", "no-cors")]);
        answer.StatusCode.ShouldBe(may ? HttpStatusCode.NotFound : HttpStatusCode.Forbidden);

        // What names the page decides before that.
        using var good = await server.SendAsync(HttpMethod.Get, path, headers: [("Sec-Fetch-Site", site), ("Referer", "https://good.example/")]);
        good.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var evil = await server.SendAsync(HttpMethod.Get, path, headers: [("Sec-Fetch-Site", site), ("Referer", "https://evil.example/")]);
        evil.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Our_own_pages_always_may()
    {
        await using var server = await SluiceServer.StartAsync(o =>
        {
            o.Access.AllowedOrigins = [];
            o.Server.AllowedOrigins = ["http://localhost:8080"];
            o.Server.PublicUrl = "https://Video.example:443";
        });
        var path = await LinkAsync(server);
        foreach (var origin in (string[])[server.Http.BaseAddress!.GetLeftPart(UriPartial.Authority), "https://video.example", "http://localhost:8080"])
        {
            using var own = await server.SendAsync(HttpMethod.Get, path, headers: ("Origin", origin));
            own.StatusCode.ShouldBe(HttpStatusCode.NotFound, origin);
        }

        using var other = await server.SendAsync(HttpMethod.Get, path, headers: ("Origin", "https://other.example"));
        await other.ShouldBeProblemAsync(403, "origin-refused");
    }

    [Fact]
    public async Task A_title_says_for_itself_and_the_next_request_knows()
    {
        await using var server = await SluiceServer.StartAsync(o => o.Access.AllowedOrigins = ["https://good.example"]);
        var media = await server.PublishAsync();
        var path = LinkOf(media);
        async Task<HttpStatusCode> AskAsync(string origin) => (await server.SendAsync(HttpMethod.Get, path, headers: ("Origin", origin))).StatusCode;
        async Task<JsonElement> SayAsync(string list) => await (await server.SendAsync(
            HttpMethod.Patch, $"/api/v1/media/{media.Text("id")}", json: $$"""{"allowedOrigins":{{list}}}""")).JsonAsync();

        (await AskAsync("https://own.example")).ShouldBe(HttpStatusCode.Forbidden);
        var changed = await SayAsync("""["https://Own.example:443"]""");
        changed.GetProperty("allowedOrigins").EnumerateArray().Select(e => e.GetString()).ShouldBe(["https://own.example"]);
        (await AskAsync("https://own.example")).ShouldBe(HttpStatusCode.NotFound);
        (await AskAsync("https://good.example")).ShouldBe(HttpStatusCode.Forbidden, "the title's list stands instead of the configuration's");
        await SayAsync("[]");
        (await AskAsync("https://own.example")).ShouldBe(HttpStatusCode.Forbidden);
        await SayAsync("""["*"]""");
        (await AskAsync("https://whoever.example")).ShouldBe(HttpStatusCode.NotFound);
        (await SayAsync("null")).GetProperty("allowedOrigins").ValueKind.ShouldBe(JsonValueKind.Null);
        (await AskAsync("https://good.example")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("\"https://good.example\"")]
    [InlineData("[1]")]
    [InlineData("[\"good.example\"]")]
    [InlineData("[\"null\"]")]
    [InlineData("{}")]
    public async Task What_is_no_list_of_origins_is_refused_with_the_rule(string list)
    {
        await using var server = await SluiceServer.StartAsync();
        var media = await server.PublishAsync();
        using var answer = await server.SendAsync(HttpMethod.Patch, $"/api/v1/media/{media.Text("id")}", json: $$"""{"title":"x","allowedOrigins":{{list}}}""");

        (await answer.ShouldBeProblemAsync(422, "request-invalid")).Text("detail").ShouldContain("*.example.com");
        (await server.Assets.FindAsync(AssetId.Parse(media.Text("id"), null), default))!.Title.ShouldNotBe("x");
    }

    [Fact]
    public async Task A_preflight_is_answered_whoever_asks_and_errors_of_ours_can_be_read()
    {
        await using var server = await SluiceServer.StartAsync(
            o => o.Access.AllowedOrigins = ["https://good.example"],
            map: app => app.MapGet("/stream/broken/now", _ => throw new InvalidOperationException("broken")).AllowAnyone("fails for the test alone"));
        using var preflight = await server.SendAsync(HttpMethod.Options, await LinkAsync(server), headers:
            [("Origin", "https://evil.example"), ("Access-Control-Request-Method", "GET"), ("Access-Control-Request-Headers", "range")]);
        preflight.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        preflight.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["*"]);

        using var broken = await server.SendAsync(HttpMethod.Get, "/stream/broken/now", headers: ("Origin", "https://good.example"));
        await broken.ShouldBeProblemAsync(500, "internal");
        broken.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["*"]);
        broken.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
    }

    private static (string, string)[] Header(string name, string? value) => value is null ? [] : [(name, value)];

    private static async Task<string> LinkAsync(SluiceServer server) => LinkOf(await server.PublishAsync());

    private static string LinkOf(JsonElement media) => $"/stream/{media.Text("id")}/{File}?token={media.GetProperty("playback").Text("token")}";
}
