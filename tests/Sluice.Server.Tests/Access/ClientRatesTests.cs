using System.Net;
using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Access;

/// <summary>How often one client may ask.</summary>
public sealed class ClientRatesTests
{
    private const string Anna = "203.0.113.5";
    private const string Bert = "198.51.100.9";

    /// <summary>Of one request a second, ten may be made at once.</summary>
    private const int AtOnce = 10;

    [Fact]
    public async Task Who_asks_too_often_is_told_to_wait_and_nobody_else_is()
    {
        await using var server = await StartAsync(limits => limits.Tokens = 1);
        var path = $"/api/v1/media/{(await server.PublishAsync()).Text("id")}/tokens";
        using var refused = await UntilRefusedAsync(() => AskAsync(server, HttpMethod.Post, path, Anna));
        (await refused.ShouldBeProblemAsync(429, "too-many-requests")).Text("detail").ShouldContain("rateLimits.tokens");
        refused.Headers.RetryAfter!.Delta!.Value.ShouldBe(TimeSpan.FromSeconds(1));

        (await AskAsync(server, HttpMethod.Post, path, Bert)).StatusCode.ShouldBe(HttpStatusCode.Created);
        (await server.SendAsync(HttpMethod.Post, path)).StatusCode.ShouldBe(HttpStatusCode.Created, "this machine itself is not counted");
        (await Eventually.Holds(async () => (await AskAsync(server, HttpMethod.Post, path, Anna)).StatusCode == HttpStatusCode.Created)).ShouldBeTrue();
    }

    [Fact]
    public async Task Playlists_are_counted_and_segments_are_not_and_a_page_of_another_site_can_read_the_refusal()
    {
        await using var server = await StartAsync(limits => limits.Manifests = 1);
        var media = await server.PublishAsync();
        var stream = $"/stream/{media.Text("id")}";
        var token = $"?token={media.GetProperty("playback").Text("token")}";
        for (var n = 0; n < AtOnce * 5; n++)
        {
            (await AskAsync(server, HttpMethod.Get, $"{stream}/abcd/v0/1.m4s{token}", Anna)).StatusCode.ShouldNotBe(HttpStatusCode.TooManyRequests);
        }

        foreach (var file in (string[])["master.m3u8", "manifest.mpd", "playlist.m3u8", "abcd/v0/index.m3u8", "abcd/ts/v0/index.m3u8"])
        {
            using var refused = await UntilRefusedAsync(() => AskAsync(server, HttpMethod.Get, $"{stream}/{file}{token}", Anna));
            refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
            refused.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["*"]);
            refused.Headers.GetValues("Access-Control-Expose-Headers").Single().ShouldContain("Retry-After");
        }
    }

    [Fact]
    public async Task Uploads_that_are_begun_are_counted_together_whichever_door_they_come_by()
    {
        await using var server = await StartAsync(limits => limits.Uploads = 1);
        using var refused = await UntilRefusedAsync(() => server.SendAsync(
            HttpMethod.Post, "/api/v1/uploads", headers: [("X-Forwarded-For", Anna), ("Tus-Resumable", "1.0.0"), ("Upload-Length", "5")]));
        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        foreach (var path in (string[])["/api/v1/media", "/upload", "/videos/init", "/api/v1/imports", "/api/v1/sessions"])
        {
            using var other = await UntilRefusedAsync(() => AskAsync(server, HttpMethod.Post, path, Anna));
            other.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests, path);
        }
    }

    [Fact]
    public async Task After_many_wrong_keys_others_wait_and_the_right_one_opens()
    {
        await using var server = await StartAsync(limits => limits.WrongKeys = 1, guarded: true);
        var key = server.NewOperatorKey!;
        async Task<HttpStatusCode> TryAsync(string bearer, string from) =>
            (await server.SendAsync(HttpMethod.Get, "/api/v1/media", bearer: bearer, headers: ("X-Forwarded-For", from))).StatusCode;

        // One a second comes back; so many at once are faster than that.
        var guesses = await Task.WhenAll(Enumerable.Range(0, AtOnce * 10).Select(n => TryAsync($"wrong{n}", Anna)));
        guesses.Count(g => g == HttpStatusCode.Forbidden).ShouldBeGreaterThanOrEqualTo(AtOnce);
        guesses.Count(g => g == HttpStatusCode.TooManyRequests).ShouldBeGreaterThan(0);
        (await TryAsync(key, Anna)).ShouldBe(HttpStatusCode.OK, "who shares an address with whoever guesses is not shut out");
        (await TryAsync("wrong", Bert)).ShouldBe(HttpStatusCode.Forbidden);
        (await AskAsync(server, HttpMethod.Get, "/health", Anna)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Eventually.Holds(async () => await TryAsync("wrong", Anna) == HttpStatusCode.Forbidden)).ShouldBeTrue();
    }

    [Fact]
    public async Task Where_a_token_opens_too_wrong_keys_count_and_the_right_token_plays()
    {
        await using var server = await StartAsync(limits => limits.WrongKeys = 1);
        var media = await server.PublishAsync();
        var path = $"/api/v1/media/{media.Text("id")}";
        async Task<HttpStatusCode> TryAsync(string bearer) =>
            (await server.SendAsync(HttpMethod.Get, path, bearer: bearer, headers: ("X-Forwarded-For", Anna))).StatusCode;

        var guesses = await Task.WhenAll(Enumerable.Range(0, AtOnce * 10).Select(n => TryAsync($"wrong{n}")));
        guesses.Count(g => g == HttpStatusCode.TooManyRequests).ShouldBeGreaterThan(0);
        (await TryAsync(media.GetProperty("playback").Text("token"))).ShouldBe(HttpStatusCode.OK);
        (await TryAsync(server.NewOperatorKey!)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_title_s_own_key_opens_it_while_others_guess_and_no_other_one_does()
    {
        await using var server = await StartAsync(limits => limits.WrongKeys = 1);
        var (mine, other) = (await server.PublishAsync(), await server.PublishAsync());
        var path = $"/api/v1/media/{mine.Text("id")}";
        async Task<HttpStatusCode> TryAsync(string adminKey, string? bearer = null) => (await server.SendAsync(
            HttpMethod.Get, path, bearer: bearer, adminKey: adminKey, headers: ("X-Forwarded-For", Anna))).StatusCode;
        async Task AreUsedUpAsync() =>
            (await Task.WhenAll(Enumerable.Range(0, AtOnce * 10).Select(n => TryAsync($"wrong{n}")))).ShouldContain(HttpStatusCode.TooManyRequests);

        await AreUsedUpAsync();
        (await TryAsync(mine.Text("adminKey"))).ShouldBe(HttpStatusCode.OK);
        (await AskAsync(server, HttpMethod.Delete, $"/media/{mine.Text("id")}?admin_key={mine.Text("adminKey")}", Anna)).IsSuccessStatusCode.ShouldBeTrue();

        path = $"/api/v1/media/{other.Text("id")}";
        (await Task.WhenAll(Enumerable.Range(0, AtOnce * 10).Select(_ => TryAsync(mine.Text("adminKey"), other.GetProperty("playback").Text("token")))))
            .ShouldContain(HttpStatusCode.TooManyRequests, "whoever has a link to it may not guess on");
    }

    [Fact]
    public async Task A_channel_is_no_place_to_try_keys_at()
    {
        await using var server = await StartAsync(limits => limits.WrongKeys = 1);
        (await server.SendAsync(HttpMethod.Put, "/api/v1/channels/news", json: """{"urls":["https://news.example/a.m3u8"],"public":false}"""))
            .IsSuccessStatusCode.ShouldBeTrue();
        using var refused = await UntilRefusedAsync(() => server.SendAsync(
            HttpMethod.Head, "/live/news/index.m3u8", bearer: "wrong", headers: ("X-Forwarded-For", Anna)));
        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Theory]
    [InlineData("/ts/a.ts", "published")]
    [InlineData("/m3u8/a.m3u8", "published")]
    [InlineData("/m3u8_index_cache.json", "published")]
    [InlineData("/live/news", "manifests")]
    [InlineData("/live/news/index.m3u8", "manifests")]
    [InlineData("/live/news/v0/index.m3u8", "manifests")]
    [InlineData("/news", "manifests")]
    public async Task What_anybody_may_ask_for_is_counted(string path, string limit)
    {
        await using var server = await StartAsync(limits => (limits.Published, limits.Manifests) = (1, 1));
        using var refused = await UntilRefusedAsync(() => AskAsync(server, HttpMethod.Head, path, Anna));
        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        var told = await Task.WhenAll(Enumerable.Range(0, AtOnce * 5).Select(_ => AskAsync(server, HttpMethod.Get, path, Anna)));
        (await told.First(a => a.StatusCode == HttpStatusCode.TooManyRequests).ShouldBeProblemAsync(429, "too-many-requests")).Text("detail").ShouldContain($"rateLimits.{limit}");
        (await AskAsync(server, HttpMethod.Get, path, Bert)).StatusCode.ShouldNotBe(HttpStatusCode.TooManyRequests);
    }

    [Theory]
    [InlineData("X-Forwarded-For", "203.0.113.5")]
    [InlineData("X-Forwarded-For", "127.0.0.1")]
    [InlineData("Forwarded", "for=203.0.113.5")]
    [InlineData("Via", "1.1 proxy")]
    [InlineData("X-Real-IP", "203.0.113.5")]
    public async Task Clients_of_a_proxy_on_this_machine_that_is_not_trusted_are_one(string header, string value)
    {
        await using var server = await SluiceServer.StartAsync(o => o.RateLimits.Tokens = 1);
        var path = $"/api/v1/media/{(await server.PublishAsync()).Text("id")}/tokens";
        using var refused = await UntilRefusedAsync(() => server.SendAsync(HttpMethod.Post, path, headers: (header, value)));
        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        (await server.SendAsync(HttpMethod.Post, path)).StatusCode.ShouldBe(HttpStatusCode.Created, "this machine itself is not counted");
    }

    [Fact]
    public async Task Who_claims_to_be_this_machine_is_counted_too()
    {
        await using var server = await StartAsync(limits => limits.Tokens = 1);
        var path = $"/api/v1/media/{(await server.PublishAsync()).Text("id")}/tokens";
        (await UntilRefusedAsync(() => AskAsync(server, HttpMethod.Post, path, "127.0.0.1"))).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task Nothing_is_counted_where_the_configuration_says_so()
    {
        await using var server = await StartAsync(limits => limits.Tokens = 0);
        var path = $"/api/v1/media/{(await server.PublishAsync()).Text("id")}/tokens";
        for (var n = 0; n < AtOnce * 3; n++)
        {
            (await AskAsync(server, HttpMethod.Post, path, Anna)).StatusCode.ShouldBe(HttpStatusCode.Created);
        }
    }

    private static Task<HttpResponseMessage> AskAsync(SluiceServer server, HttpMethod method, string path, string from) =>
        server.SendAsync(method, path, headers: ("X-Forwarded-For", from));

    /// <summary>Asks until it is enough; however slow the machine is, ten times as fast as a request a second.</summary>
    private static async Task<HttpResponseMessage> UntilRefusedAsync(Func<Task<HttpResponseMessage>> ask)
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, AtOnce * 10).Select(_ => ask()));
        return answers.First(a => a.StatusCode == HttpStatusCode.TooManyRequests);
    }

    private static Task<SluiceServer> StartAsync(Action<RateLimitOptions> set, bool guarded = false) => SluiceServer.StartAsync(
        options =>
        {
            options.Server.TrustedProxies = ["127.0.0.1"];
            set(options.RateLimits);
        },
        guarded: guarded);
}
