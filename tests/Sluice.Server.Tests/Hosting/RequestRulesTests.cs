using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Hosting;

/// <summary>What holds for every request.</summary>
public sealed class RequestRulesTests
{
    [Theory]
    [InlineData("evil.example", false)]
    [InlineData("127.0.0.1.evil.example", false)]
    [InlineData("localhost.evil.example:8000", false)]
    [InlineData("10.0.0.1", false)]
    [InlineData("localhost", true)]
    [InlineData("LOCALHOST:9999", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("[::1]:8000", true)]
    [InlineData("video.example", true)]
    public async Task Only_our_own_names_are_answered(string host, bool ours)
    {
        await using var server = await SluiceServer.StartAsync(options => options.Server.AllowedHosts = ["video.example"]);
        using var response = await server.SendAsync(HttpMethod.Get, "/health", headers: ("Host", host));
        if (ours)
        {
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
        }
        else
        {
            await response.ShouldBeProblemAsync(421, "host-refused");
        }
    }

    [Theory]
    [InlineData("192.168.1.10:8080", true)]
    [InlineData("[fe80::1]:8080", true)]
    [InlineData("localhost:8080", true)]
    [InlineData("nas:8080", true)]
    [InlineData("NAS.local", true)]
    [InlineData("nas.home.arpa", true)]
    [InlineData("nas.internal:8080", true)]
    [InlineData("evil.example", false)]
    [InlineData("local.evil.example", false)]
    [InlineData("nas.local.evil.example", false)]
    [InlineData("evillocal", true)]
    [InlineData("192.168.1.10.evil.example", false)]
    [InlineData("nas.lan", false)]
    public async Task Where_every_address_is_bound_names_that_nobody_can_register_are_answered(string host, bool ours)
    {
        var options = new SluiceOptions();
        options.Server.Host = "0.0.0.0";
        var passed = false;
        var rules = new RequestRules(
            _ =>
            {
                passed = true;
                return Task.CompletedTask;
            },
            options,
            new RefererRule(options, new PageRule(options)));
        var context = new DefaultHttpContext();
        context.Request.Host = new HostString(host);
        context.Request.Path = "/channel1";

        await rules.InvokeAsync(context);

        passed.ShouldBe(ours);
        context.Response.StatusCode.ShouldBe(ours ? 200 : 421);
    }

    [Theory]
    [InlineData("https://video.example", "video.example")]
    [InlineData("https://video.example:8443/", "video.example:8443")]
    public async Task A_public_address_is_answered_and_every_link_names_it(string publicUrl, string host)
    {
        await using var server = await SluiceServer.StartAsync(options => options.Server.PublicUrl = publicUrl);
        using var response = await server.SendAsync(HttpMethod.Get, "/health", headers: ("Host", host));
        response.StatusCode.ShouldBe(HttpStatusCode.OK);

        var home = publicUrl.TrimEnd('/');
        var playback = (await server.PublishAsync()).GetProperty("playback");
        foreach (var (link, start) in (ReadOnlySpan<(string, string)>)[("hls", "/stream/"), ("dash", "/stream/"), ("watch", "/watch/")])
        {
            playback.Text(link).ShouldStartWith(home + start);
        }

        using var upload = await server.UploadAsync(SluiceServer.Playable, "/upload");
        (await upload.JsonAsync()).Text("playlist_url").ShouldStartWith(home + "/stream/");
    }

    [Fact]
    public async Task Streams_may_be_read_from_any_page_and_say_why_they_fail()
    {
        await using var server = await SluiceServer.StartAsync();
        using var response = await server.SendAsync(
            HttpMethod.Get, $"/stream/{AssetId.New()}/segment0.ts", headers: ("Origin", "https://player.example"));
        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        response.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["*"]);
        response.Headers.GetValues("Access-Control-Expose-Headers").Single().ShouldContain("Content-Range");
        response.Headers.Contains("Access-Control-Allow-Credentials").ShouldBeFalse();
    }

    [Fact]
    public async Task A_preflight_for_a_stream_is_answered_without_a_token()
    {
        await using var server = await SluiceServer.StartAsync();
        using var response = await server.SendAsync(HttpMethod.Options, $"/stream/{AssetId.New()}/segment0.ts", headers:
            [("Origin", "https://player.example"), ("Access-Control-Request-Method", "GET"), ("Access-Control-Request-Headers", "range")]);
        response.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        response.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["*"]);
        response.Headers.GetValues("Access-Control-Allow-Headers").Single().ShouldContain("Range");
    }

    [Theory]
    [InlineData("subtitles/..")]
    [InlineData("subtitles/%2e%2e")]
    [InlineData("subtitles/%2E.")]
    [InlineData("subtitles/../")]
    [InlineData("subtitles/../../{0}")]
    [InlineData(".")]
    [InlineData("%2e?q=1")]
    public async Task Nothing_is_changed_that_the_path_does_not_name(string rest)
    {
        await using var server = await SluiceServer.StartAsync();
        var id = (await server.PublishAsync()).Text("id");
        using var connection = new TcpClient();
        await connection.ConnectAsync(server.Http.BaseAddress!.Host, server.Http.BaseAddress.Port);
        await using var stream = connection.GetStream();
        var path = $"/api/v1/media/{id}/{string.Format(CultureInfo.InvariantCulture, rest, id)}";
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"DELETE {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"));

        var answer = await RawAnswer.ReadAsync(stream);

        answer.ShouldStartWith("HTTP/1.1 404 ");
        answer.ShouldContain("route-unknown");
        (await server.Assets.FindAsync(AssetId.Parse(id, null), default)).ShouldNotBeNull();
        (await server.SendAsync(HttpMethod.Delete, $"/api/v1/media/{id}?..")).StatusCode.ShouldBe(HttpStatusCode.NoContent, "a query is no path");
    }

    [Fact]
    public async Task The_api_is_for_our_own_pages()
    {
        await using var server = await SluiceServer.StartAsync();
        using var response = await server.SendAsync(HttpMethod.Get, "/api/v1/media", headers: ("Origin", "https://evil.example"));
        response.Headers.Contains("Access-Control-Allow-Origin").ShouldBeFalse();
    }

    [Theory]
    [InlineData("http://localhost:8080", true)]
    [InlineData("http://localhost:8081", false)]
    [InlineData("https://localhost:8080", false)]
    [InlineData("http://localhost:8080.evil.example", false)]
    [InlineData("null", false)]
    public async Task Pages_of_a_configured_origin_may_use_the_api_and_no_others(string origin, bool may)
    {
        await using var server = await SluiceServer.StartAsync(options => options.Server.AllowedOrigins = ["http://localhost:8080"]);
        using var preflight = await server.SendAsync(HttpMethod.Options, "/videos/init", headers:
            [("Origin", origin), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "content-type")]);
        using var post = await server.SendAsync(HttpMethod.Post, "/videos/init", json: """{"title":"t","total_chunks":1}""", headers: ("Origin", origin));
        using var tus = await server.SendAsync(HttpMethod.Post, "/api/v1/uploads", headers: [("Origin", origin), ("Tus-Resumable", "1.0.0"), ("Upload-Length", "5")]);
        post.StatusCode.ShouldBe(may ? HttpStatusCode.OK : HttpStatusCode.Forbidden);
        tus.StatusCode.ShouldBe(may ? HttpStatusCode.Created : HttpStatusCode.Forbidden);
        foreach (var answer in (HttpResponseMessage[])[preflight, post, tus])
        {
            answer.Headers.TryGetValues("Access-Control-Allow-Origin", out var allowed);
            (allowed ?? []).ShouldBe(may ? [origin] : []);
            answer.Headers.Vary.ShouldContain("Origin");
            answer.Headers.Contains("Access-Control-Allow-Credentials").ShouldBeFalse();
        }

        if (may)
        {
            preflight.StatusCode.ShouldBe(HttpStatusCode.NoContent);
            preflight.Headers.GetValues("Access-Control-Allow-Headers").ShouldBe(["content-type"]);
            tus.Headers.GetValues("Access-Control-Expose-Headers").Single().ShouldContain("Upload-Offset");
        }
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/watch/x")]
    public async Task Our_pages_have_nothing_inline(string path)
    {
        await using var server = await SluiceServer.StartAsync();
        using var response = await server.SendAsync(HttpMethod.Get, path, headers: ("Accept", "text/html,*/*"));
        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        policy.ShouldNotContain("unsafe");

        // The styles of the player's controls, each by its hash; a build without pages has none.
        Regex.Replace(policy, " 'sha256-[A-Za-z0-9+/]{43}='", "", RegexOptions.None, TimeSpan.FromSeconds(1)).Split("; ").ShouldBe(
        [
            "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob:", "connect-src 'self'",
            "media-src 'self' blob: data:", "worker-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
        ]);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/watch/x")]
    [InlineData("/docs/index.html")]
    public async Task Pages_run_our_scripts_only(string path)
    {
        await using var server = await SluiceServer.StartAsync();
        using var response = await server.SendAsync(HttpMethod.Get, path, headers: ("Accept", "text/html,*/*"));
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        policy.ShouldContain("script-src 'self';");
        policy.ShouldContain("frame-ancestors 'none'");
        policy.ShouldNotContain("unsafe");
        response.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        response.Headers.GetValues("Referrer-Policy").ShouldBe(["no-referrer"]);
        response.Headers.Contains("Server").ShouldBeFalse();
    }
}
