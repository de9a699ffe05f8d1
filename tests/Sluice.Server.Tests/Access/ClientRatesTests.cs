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
    public async Task After_many_wrong_keys_right_ones_are_not_looked_at_for_a_moment()
    {
        await using var server = await StartAsync(limits => limits.WrongKeys = 1, guarded: true);
        var key = server.NewOperatorKey!;
        async Task<HttpResponseMessage> TryAsync(string bearer, string from) =>
            await server.SendAsync(HttpMethod.Get, "/api/v1/media", bearer: bearer, headers: ("X-Forwarded-For", from));

        for (var n = 0; n < AtOnce * 3; n++)
        {
            (await TryAsync(key, Anna)).StatusCode.ShouldBe(HttpStatusCode.OK, "right keys are not counted");
        }

        // One a second comes back; so many at once are faster than that.
        var guesses = await Task.WhenAll(Enumerable.Range(0, AtOnce * 10).Select(n => TryAsync($"wrong{n}", Anna)));
        guesses.Count(g => g.StatusCode == HttpStatusCode.Forbidden).ShouldBeGreaterThanOrEqualTo(AtOnce);
        guesses.Count(g => g.StatusCode == HttpStatusCode.TooManyRequests).ShouldBeGreaterThan(0);
        (await TryAsync(key, Bert)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await AskAsync(server, HttpMethod.Get, "/health", Anna)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Eventually.Holds(async () => (await TryAsync(key, Anna)).StatusCode == HttpStatusCode.OK)).ShouldBeTrue();
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
