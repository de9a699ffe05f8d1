using System.Net;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Access;

/// <summary>Who gets in, through the real server.</summary>
public sealed class GateTests
{
    [Fact]
    public async Task Unknown_media_is_404_whatever_is_sent_with_it()
    {
        await using var server = await SluiceServer.StartAsync(guarded: true);
        foreach (var id in (string[])[AssetId.New().Value, "nonsense", "..%2f..%2fetc"])
        {
            foreach (var path in (string[])[$"/stream/{id}/segment0.ts", $"/api/v1/media/{id}"])
            {
                using var response = await server.SendAsync(HttpMethod.Get, path + "?token=bad", bearer: "bad", adminKey: "bad");
                response.StatusCode.ShouldBe(HttpStatusCode.NotFound, path);
            }
        }
    }

    [Fact]
    public async Task A_token_opens_by_query_cookie_or_header_and_only_its_own_title()
    {
        await using var server = await SluiceServer.StartAsync();
        var one = await server.PublishAsync();
        var other = await server.PublishAsync();
        var (id, token) = (one.Text("id"), one.GetProperty("playback").Text("token"));
        var path = $"/api/v1/media/{id}";

        foreach (var response in (HttpResponseMessage[])
        [
            await server.SendAsync(HttpMethod.Get, $"{path}?x=1&token={token}"),
            await server.SendAsync(HttpMethod.Get, path, bearer: token),
            await server.SendAsync(HttpMethod.Get, path, headers: ("Cookie", $"a=b; sluice_token={token}")),
        ])
        {
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            (await response.JsonAsync()).GetProperty("playback").Text("token").ShouldBe(token);
        }

        using var foreign = await server.SendAsync(HttpMethod.Get, $"/api/v1/media/{other.Text("id")}?token={token}");
        await foreign.ShouldBeProblemAsync(403, "token-invalid");
    }

    [Fact]
    public async Task Playback_ends_at_the_very_instant_and_says_how_long_ago()
    {
        await using var server = await SluiceServer.StartAsync();
        var id = (await server.PublishAsync()).Text("id");
        using var issued = await server.SendAsync(HttpMethod.Post, $"/api/v1/media/{id}/tokens", json: """{"expiresInMinutes":1}""");
        issued.StatusCode.ShouldBe(HttpStatusCode.Created);
        var playback = await issued.JsonAsync();
        var path = $"/api/v1/media/{id}?token={playback.Text("token")}";
        playback.GetProperty("expiresAt").GetDateTimeOffset().ShouldBe(server.Clock.GetUtcNow().AddMinutes(1));

        server.Clock.Advance(TimeSpan.FromMinutes(1) - TimeSpan.FromTicks(1));
        (await server.Http.GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.OK);

        server.Clock.Advance(TimeSpan.FromTicks(1));
        await (await server.Http.GetAsync(path)).ShouldBeProblemAsync(403, "token-expired");

        server.Clock.Advance(TimeSpan.FromSeconds(14));
        var refusal = await (await server.Http.GetAsync(path)).ShouldBeProblemAsync(403, "token-expired");
        refusal.Text("detail").ShouldBe("The link expired 14 s ago.");
        refusal.GetProperty("expiredAt").GetDateTimeOffset().ShouldBe(server.Clock.GetUtcNow().AddSeconds(-14));
    }

    [Fact]
    public async Task An_expired_title_is_refused_to_tokens_that_are_still_good()
    {
        await using var server = await SluiceServer.StartAsync();
        var media = await server.PublishAsync("?expiresInMinutes=5");
        var path = $"/api/v1/media/{media.Text("id")}?token={media.GetProperty("playback").Text("token")}";

        server.Clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        (await server.Http.GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.OK);

        server.Clock.Advance(TimeSpan.FromTicks(1));
        var refusal = await (await server.Http.GetAsync(path)).ShouldBeProblemAsync(403, "media-expired");
        refusal.TryGetProperty("expiredAt", out _).ShouldBeTrue();
    }

    [Fact]
    public async Task Revoking_kills_every_token_given_out()
    {
        await using var server = await SluiceServer.StartAsync();
        var media = await server.PublishAsync();
        var (id, token) = (media.Text("id"), media.GetProperty("playback").Text("token"));

        (await server.SendAsync(HttpMethod.Delete, $"/api/v1/media/{id}/tokens")).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        await (await server.Http.GetAsync($"/api/v1/media/{id}?token={token}")).ShouldBeProblemAsync(403, "token-revoked");
        var fresh = await (await server.SendAsync(HttpMethod.Post, $"/api/v1/media/{id}/tokens")).JsonAsync();
        (await server.Http.GetAsync($"/api/v1/media/{id}?token={fresh.Text("token")}")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Links_outlive_a_restart()
    {
        var data = Directory.CreateTempSubdirectory("sluice-test-").FullName;
        var clock = new FakeClock();
        string path;
        await using (var first = await SluiceServer.StartAsync(data: data, clock: clock))
        {
            var media = await first.PublishAsync();
            path = $"/api/v1/media/{media.Text("id")}?token={media.GetProperty("playback").Text("token")}";
            first.NewOperatorKey.ShouldNotBeNull();
        }

        await using (var second = await SluiceServer.StartAsync(data: data, clock: clock))
        {
            (await second.Http.GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.OK);
            second.NewOperatorKey.ShouldBeNull();
        }

        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task Off_loopback_the_operators_doors_need_the_key()
    {
        await using var server = await SluiceServer.StartAsync(guarded: true);
        var key = server.NewOperatorKey.ShouldNotBeNull();

        await (await server.Http.GetAsync("/api/v1/media")).ShouldBeProblemAsync(401, "key-missing");
        await (await server.UploadAsync(SluiceServer.Playable)).ShouldBeProblemAsync(401, "key-missing");
        await (await server.SendAsync(HttpMethod.Get, "/api/v1/media", bearer: key + "x")).ShouldBeProblemAsync(403, "key-invalid");
        (await server.SendAsync(HttpMethod.Get, "/api/v1/media", bearer: key)).StatusCode.ShouldBe(HttpStatusCode.OK);
        server.StoredFiles().ShouldBe([]);
    }

    [Fact]
    public async Task What_a_request_says_of_its_sender_opens_nothing()
    {
        await using var server = await SluiceServer.StartAsync(guarded: true);
        using var response = await server.SendAsync(HttpMethod.Get, "/api/v1/media", headers:
            [("X-Forwarded-For", "127.0.0.1"), ("X-Real-IP", "127.0.0.1"), ("Forwarded", "for=127.0.0.1"), ("X-Forwarded-Host", "localhost")]);
        await response.ShouldBeProblemAsync(401, "key-missing");
    }

    [Fact]
    public async Task An_admin_key_opens_its_own_title_only()
    {
        await using var server = await SluiceServer.StartAsync();
        var one = await server.PublishAsync();
        var other = await server.PublishAsync();
        var key = one.Text("adminKey");

        (await server.SendAsync(HttpMethod.Get, $"/api/v1/media/{one.Text("id")}", adminKey: key)).StatusCode.ShouldBe(HttpStatusCode.OK);
        using var foreign = await server.SendAsync(HttpMethod.Delete, $"/api/v1/media/{other.Text("id")}", adminKey: key);

        // On loopback no key is needed, but one that is sent must be right.
        await foreign.ShouldBeProblemAsync(403, "key-invalid");
    }

    [Fact]
    public async Task A_page_of_another_site_cannot_use_the_open_door()
    {
        await using var server = await SluiceServer.StartAsync();
        var id = (await server.PublishAsync()).Text("id");
        foreach (var origin in (string[])["https://evil.example", "null", "http://127.0.0.1:1"])
        {
            using var response = await server.SendAsync(HttpMethod.Delete, $"/api/v1/media/{id}", headers: ("Origin", origin));
            await response.ShouldBeProblemAsync(403, "origin-refused");
        }

        var own = server.Http.BaseAddress!.GetLeftPart(UriPartial.Authority);
        (await server.SendAsync(HttpMethod.Delete, $"/api/v1/media/{id}", headers: ("Origin", own))).StatusCode.ShouldBe(HttpStatusCode.NoContent);
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("localhost", true)]
    [InlineData("::1", true)]
    [InlineData("[::1]", true)]
    [InlineData("0.0.0.0", false)]
    [InlineData("::", false)]
    [InlineData("192.168.1.10", false)]
    public void The_door_is_open_on_loopback_only(string host, bool open)
    {
        var options = new SluiceOptions();
        options.Server.Host = host;
        new Server.Access.OpenDoor(options).IsOpen.ShouldBe(open);
    }

    [Theory]
    [InlineData("http://localhost:8000", null, null, true)]
    [InlineData("http://127.0.0.1:8000", null, null, true)]
    [InlineData(null, "sluice.localhost", null, true)]
    [InlineData("https://video.example", null, null, false)]
    [InlineData(null, "video.example", null, false)]
    [InlineData(null, null, "127.0.0.1", false)]
    [InlineData("http://localhost:8000", "localhost", "10.0.0.0/8", false)]
    public void On_loopback_too_it_is_shut_where_the_world_comes_by_a_proxy(string? publicUrl, string? allowedHost, string? proxy, bool open)
    {
        var options = new SluiceOptions();
        options.Server.PublicUrl = publicUrl;
        options.Server.AllowedHosts = allowedHost is null ? [] : [allowedHost];
        options.Server.TrustedProxies = proxy is null ? [] : [proxy];
        new Server.Access.OpenDoor(options).IsOpen.ShouldBe(open);
    }

    [Fact]
    public async Task Behind_a_proxy_of_this_machine_nobody_changes_anything_without_a_key()
    {
        await using var server = await SluiceServer.StartAsync(
            o => (o.Server.PublicUrl, o.Server.TrustedProxies) = ("https://video.example", ["127.0.0.1"]), guarded: null);
        var key = server.NewOperatorKey;
        server.Http.DefaultRequestHeaders.Authorization = new("Bearer", key);
        var title = $"/api/v1/media/{(await server.PublishAsync()).Text("id")}";
        server.Http.DefaultRequestHeaders.Authorization = null;
        foreach (var (method, path) in ((HttpMethod, string)[])
            [(HttpMethod.Delete, title), (HttpMethod.Get, "/api/v1/media"), (HttpMethod.Post, "/api/v1/media"), (HttpMethod.Get, "/api/v1/jobs")])
        {
            using var stranger = await server.SendAsync(method, path, headers: [("Host", "video.example"), ("X-Forwarded-For", "203.0.113.5")]);
            await stranger.ShouldBeProblemAsync(401, "key-missing");
        }

        (await server.SendAsync(HttpMethod.Get, title, bearer: key)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}
