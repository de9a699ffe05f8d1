using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Shouldly;
using Sluice.Server.Tests.Repository;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Deliver;

/// <summary>A real nginx that keeps segments, as docs/operations.md has it: what is in its cache is given to those alone who may have it.</summary>
public sealed class CacheInFrontTests(Clip clip) : IClassFixture<Clip>
{
    private const string Good = "https://good.example";

    [Fact]
    public async Task What_is_kept_is_given_to_whoever_may_have_it_and_to_nobody_else()
    {
        await using var server = await StartAsync();
        await using var nginx = await FrontAsync(server.Http.BaseAddress!.Authority);
        using var http = nginx.Client();
        using var uploaded = await server.UploadFileAsync(clip.Path);
        var media = await uploaded.JsonAsync();
        var id = media.Text("id");
        var first = media.GetProperty("playback").Text("token");
        var path = await SegmentAsync(http, id, first);

        (await AskAsync(http, path, first)).Cache.ShouldBe("MISS");
        (await AskAsync(http, path, first)).Cache.ShouldBe("HIT");
        var second = await TokenAsync(server, id, """{"expiresInMinutes":60}""");
        var hit = await AskAsync(http, path, second, ("Origin", Good));
        (hit.Cache, hit.Bytes).ShouldBe(("HIT", (await server.Http.GetByteArrayAsync($"{path}?token={first}")).Length));
        var part = await AskAsync(http, path, second, ("Range", "bytes=5-9"));
        (part.Status, part.Cache, part.Bytes).ShouldBe((HttpStatusCode.PartialContent, "HIT", 5));

        // Nobody in particular, wrong tokens, other pages: as if nothing were kept, with the reason.
        await RefusedAsync(http, path, "", 403, "token-missing");
        await RefusedAsync(http, path, first + "x", 403, "token-invalid");
        await RefusedAsync(http, path, (await OtherAsync(server)).Token, 403, "token-invalid");
        await RefusedAsync(http, path, first, 403, "origin-refused", ("Origin", "https://evil.example"));
        await RefusedAsync(http, path, first, 403, "origin-refused", ("Sec-Fetch-Site", "cross-site"));
        using var preflight = await http.SendAsync(new HttpRequestMessage(HttpMethod.Options, path)
        {
            Headers = { { "Origin", Good }, { "Access-Control-Request-Method", "GET" }, { "Access-Control-Request-Headers", "authorization" } },
        });
        preflight.StatusCode.ShouldBe(HttpStatusCode.NoContent);

        // Links that only the server understands.
        await RefusedAsync(http, path, await TokenAsync(server, id, """{"boundTo":"203.0.113.0/24"}"""), 403, "token-bound");
        var counted = await TokenAsync(server, id, """{"maxViews":1}""");
        (await AskAsync(http, path, counted, ("User-Agent", "one/1"))).Cache.ShouldBe("HIT");
        await RefusedAsync(http, path, counted, 403, "views-used-up", ("User-Agent", "two/1"));

        // Expired, revoked, removed: at once, though it is still kept.
        server.Clock.Advance(TimeSpan.FromMinutes(61));
        await RefusedAsync(http, path, second, 403, "token-expired");
        var third = await TokenAsync(server, id, "{}");
        (await AskAsync(http, path, third)).Cache.ShouldBe("HIT");
        (await server.SendAsync(HttpMethod.Delete, $"/api/v1/media/{id}/tokens")).IsSuccessStatusCode.ShouldBeTrue();
        await RefusedAsync(http, path, third, 403, "token-revoked");
        var fourth = await TokenAsync(server, id, "{}");
        (await AskAsync(http, path, fourth)).Cache.ShouldBe("HIT");
        (await server.SendAsync(HttpMethod.Delete, $"/api/v1/media/{id}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await RefusedAsync(http, path, fourth, 404, "media-unknown");
    }

    [Fact]
    public async Task No_spelling_of_a_path_reaches_another_title_s_segments_with_a_token_of_ones_own()
    {
        await using var server = await StartAsync();
        await using var nginx = await FrontAsync(server.Http.BaseAddress!.Authority);
        using var http = nginx.Client();
        using var uploaded = await server.UploadFileAsync(clip.Path);
        var media = await uploaded.JsonAsync();
        var token = media.GetProperty("playback").Text("token");
        var path = await SegmentAsync(http, media.Text("id"), token);
        (await AskAsync(http, path, token)).Cache.ShouldBe("MISS");
        var (mineId, mine) = await OtherAsync(server);
        var rest = path["/stream/".Length..];

        foreach (var spelling in (string[])
        [
            $"/stream/{mineId}/x/%2e%2e/%2e%2e/{rest}", $"/stream/{mineId}%2f..%2f{rest}", $"/stream//{rest}", $"/stream/{mineId}/..%2f{rest}", $"//stream/{rest}", $"/stream%2f{rest}",
            $"/stream/{mineId}%0d%0a/{rest}", $"/stream/{mineId}%3f/{rest}", $"/stream/{mineId}%20/{rest}", $"/stream/{rest}%3f", $"/stream/./{rest}", $"/STREAM/{rest}", $"/stream/{rest}/", $"/may-play?{rest}",
        ])
        {
            var answer = await AskAsync(http, spelling, mine);
            ((int)answer.Status).ShouldBeInRange(400, 499, spelling);
            answer.Cache.ShouldNotBe("HIT", spelling);
        }

        (await AskAsync(http, path, token)).Cache.ShouldBe("HIT");
    }

    [Theory]
    [InlineData("%0d%0aX-Injected:%20yes%0d%0aX:")]
    [InlineData("%0aX-Injected:yes")]
    [InlineData("%3fX-Injected=")]
    [InlineData("%20X-Injected")]
    [InlineData("%23X-Injected")]
    public async Task Nothing_of_a_path_becomes_another_part_of_the_request_to_the_server(string inTitle)
    {
        using var recorder = new Recorder();
        await using var nginx = await FrontAsync(recorder.Authority);
        using var http = nginx.Client();
        using var answer = await SendAsync(http, $"/stream/0123{inTitle}/v/1.m4s", "t", []);

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        var asked = recorder.Heads.Where(head => head.Contains("X-Injected", StringComparison.Ordinal)).ToArray();
        asked.ShouldHaveSingleItem().ShouldStartWith($"GET /stream/0123{inTitle}/v/1.m4s?token=t HTTP/1.");
    }

    private static Task<SluiceServer> StartAsync() => SluiceServer.StartAsync(
        o => (o.Server.TrustedProxies, o.Access.AllowedOrigins) = (["127.0.0.1"], [Good]), realPackager: true);

    /// <summary>The documented configuration, word for word but for where things are.</summary>
    private static Task<NginxProxy> FrontAsync(string upstream)
    {
        var text = File.ReadAllText(RepositoryRoot.File("docs/operations.md"));
        var block = text.Split("## A CDN in front")[1].Split("```nginx\n")[1].Split("```")[0];
        return NginxProxy.StartAsync(proxy => Replaced(Replaced(Replaced(
            block, "/var/cache/nginx/sluice", Path.Combine(proxy.Home, "cache")), "127.0.0.1:8000", upstream),
            "# listen, server_name, certificates, and location / as above", $"{proxy.Listen(http2: false)} location / {{ proxy_pass http://{upstream}; }}"));
    }

    private static string Replaced(string text, string what, string with)
    {
        text.ShouldContain(what);
        return text.Replace(what, with, StringComparison.Ordinal);
    }

    /// <summary>The path of the first segment, without its query.</summary>
    private static async Task<string> SegmentAsync(HttpClient http, string id, string token)
    {
        var master = new Uri(http.BaseAddress!, $"/stream/{id}/master.m3u8?token={token}");
        var list = await NextAsync(http, master, "index.m3u8");
        return (await NextAsync(http, list, ".m4s")).AbsolutePath;
    }

    private static async Task<Uri> NextAsync(HttpClient http, Uri playlist, string kind) => new(
        playlist, (await http.GetStringAsync(playlist)).Split('\n').First(line => !line.StartsWith('#') && line.Contains(kind, StringComparison.Ordinal)));

    private async Task<(string Id, string Token)> OtherAsync(SluiceServer server)
    {
        using var uploaded = await server.UploadFileAsync(clip.Path);
        var media = await uploaded.JsonAsync();
        return (media.Text("id"), media.GetProperty("playback").Text("token"));
    }

    private static async Task<string> TokenAsync(SluiceServer server, string id, string wish)
    {
        using var issued = await server.SendAsync(HttpMethod.Post, $"/api/v1/media/{id}/tokens", json: wish);
        return (await issued.JsonAsync()).Text("token");
    }

    private static async Task<(HttpStatusCode Status, string? Cache, int Bytes)> AskAsync(HttpClient http, string path, string token, params (string, string)[] headers)
    {
        using var answer = await SendAsync(http, path, token, headers);
        return (answer.StatusCode, answer.Headers.TryGetValues("X-Cache", out var said) ? said.Single() : null, (await answer.Content.ReadAsByteArrayAsync()).Length);
    }

    private static async Task RefusedAsync(HttpClient http, string path, string token, int status, string code, params (string, string)[] headers)
    {
        using var answer = await SendAsync(http, path, token, headers);
        await answer.ShouldBeProblemAsync(status, code);
        answer.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["*"]);
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient http, string path, string token, (string Name, string Value)[] headers)
    {
        var query = token.Length == 0 ? "" : $"{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}token={token}";
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(http.BaseAddress + path[1..] + query, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return http.SendAsync(request);
    }

    /// <summary>Writes down what it is asked for, byte for byte, and has nothing.</summary>
    private sealed class Recorder : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public Recorder()
        {
            _listener.Start();
            _ = AcceptAsync();
        }

        public string Authority => _listener.LocalEndpoint.ToString()!;

        public ConcurrentQueue<string> Heads { get; } = [];

        public void Dispose() => _listener.Dispose();

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    _ = AnswerAsync(await _listener.AcceptTcpClientAsync());
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private async Task AnswerAsync(TcpClient client)
        {
            using var connection = client;
            await using var stream = connection.GetStream();
            var head = new StringBuilder();
            var buffer = new byte[4096];
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(buffer) is > 0 and var count)
            {
                head.Append(Encoding.Latin1.GetString(buffer, 0, count));
            }

            Heads.Enqueue(head.ToString());
            await stream.WriteAsync("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
        }
    }
}
