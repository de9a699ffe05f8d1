using System.Net;
using System.Net.Sockets;
using System.Text;
using Shouldly;
using Sluice.Server.Store;
using Sluice.Server.Tests.Store.PipeKv;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Compat;

/// <summary>For whom, and for what, the node is asked nothing.</summary>
public sealed class PipeKvRefusalTests : IAsyncLifetime
{
    /// <summary>As they stand in a request line. Those that a server takes apart lead elsewhere, and there is nothing there.</summary>
    private static readonly string[] Traversals =
    [
        "../etc/passwd", "..%2fetc%2fpasswd", "%2e%2e/etc/passwd", "%2e%2e%2fetc%2fpasswd", "%2E%2E%2Fa", ".%2e/a", "%2e./a",
        "%252e%252e%252fetc%252fpasswd", "%25252e%25252e%25252fa", "..%252fa", "..%255ca",
        "..%5cetc%5cpasswd", "..\\etc\\passwd", "a%5cb", "a%2fb", "a%252fb", "%2f", "%5c",
        "..%c0%afetc", "%c0%ae%c0%ae%c0%afa", "%e0%80%ae%e0%80%ae%e0%80%afa", "%f0%80%80%ae", "%c1%9ca", "%ff", "%25c0%25ae", "%fe%80",
        "a%00", "%00", "a%2500", "a%0d%0aX-Evil:1", "a%0a", "a%250a", "a%7f",
        "..", ".", "...", "a..b", ".hidden", "....//a", "..;/a", "%u002e%u002e%u2215a",
    ];

    private KvNode _node = null!;

    public async ValueTask InitializeAsync() => _node = await KvNode.StartAsync();

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task Ways_out_are_refused_and_the_node_is_asked_nothing()
    {
        await using var server = await SluiceServer.StartAsync(_node.Configure);
        foreach (var (route, ending) in ((string, string)[])[("ts", ".ts"), ("m3u8", ".m3u8")])
        {
            // The server itself takes /ts/.. for its home page, where nobody has named anything.
            foreach (var name in Traversals.SelectMany(name => new[] { name + ending, $"x{ending}/../{name}{ending}", name == ".." ? "../x" : name }))
            {
                var status = await StatusAsync(server, $"/{route}/{name}");

                status.ShouldBeOneOf([400, 403, 404], $"/{route}/{name}");
            }
        }

        _node.Asked.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/ts/film.mp4")]
    [InlineData("/ts/film.m3u8")]
    [InlineData("/ts/film.TS")]
    [InlineData("/ts/film")]
    [InlineData("/m3u8/film.ts")]
    [InlineData("/m3u8/film.m3u8.txt")]
    [InlineData("/ts/a%2fb.ts")]
    [InlineData("/ts/a%5cb.ts")]
    [InlineData("/ts/a..b.ts")]
    [InlineData("/ts/%252e%252e%252fb.ts")]
    public async Task A_bad_name_is_a_403(string path)
    {
        await using var server = await SluiceServer.StartAsync(_node.Configure);

        (await StatusAsync(server, path)).ShouldBe(403);
        _node.Asked.ShouldBeEmpty();
    }

    [Fact]
    public void Names_are_bounded_and_whole()
    {
        PublishedName.IsValid(new string('a', 255)).ShouldBeTrue();
        PublishedName.IsValid(new string('a', 256)).ShouldBeFalse();
        PublishedName.IsValid(new string('ä', 128)).ShouldBeFalse("bytes are counted");
        PublishedName.IsValid("a\ud800.ts").ShouldBeFalse();
        PublishedName.IsValid("🎬 100% 50%2.ts").ShouldBeTrue();
        PublishedName.IsValid("").ShouldBeFalse();
        PublishedName.IsValid("%2525252525252fa").ShouldBeFalse();
    }

    [Theory]
    [InlineData("https://good.example", null, 200)]
    [InlineData("HTTPS://GOOD.example", null, 200)]
    [InlineData("https://good.example.", null, 403)]
    [InlineData("https://good.example:443", null, 403)] // No browser writes the port that goes without saying.
    [InlineData("https://good.example:8443", null, 403)]
    [InlineData("http://good.example", null, 403)]
    [InlineData("https://good.example.evil.com", null, 403)]
    [InlineData("https://good.exampleevil.com", null, 403)]
    [InlineData("https://evilgood.example", null, 403)]
    [InlineData("https://a.good.example", null, 403)]
    [InlineData("https://good.example@evil.com", null, 403)]
    [InlineData("https://evil.com/https://good.example", null, 403)]
    [InlineData("https://evil.com?https://good.example", null, 403)]
    [InlineData("https://evil.com#https://good.example", null, 403)]
    [InlineData("https://good.example, https://evil.com", null, 403)]
    [InlineData("null", null, 403)]
    [InlineData("good.example", null, 403)]
    [InlineData("file://good.example", null, 403)]
    [InlineData("", null, 403)]
    [InlineData(null, "https://good.example/player.php?file=a", 200)]
    [InlineData(null, "https://good.example.evil.com/", 403)]
    [InlineData(null, "https://evil.com/?https://good.example", 403)]
    [InlineData("https://evil.com", "https://good.example/", 403)]
    [InlineData("https://good.example", "https://evil.com/", 200)]
    [InlineData("https://sub.wild.example", null, 200)]
    [InlineData("http://a.b.wild.example", null, 200)]
    [InlineData("https://wild.example", null, 403)]
    [InlineData("https://notwild.example", null, 403)]
    [InlineData("https://sub.wild.example.evil.com", null, 403)]
    [InlineData("https://sub.wild.example:444", null, 403)]
    [InlineData("https://xn--bcher-kva.example", null, 200)]
    [InlineData("https://b\u00fccher.example", null, 403)] // Nor anything but Punycode.
    [InlineData("https://bucher.example", null, 403)]
    [InlineData("http://localhost:3000", null, 200)]
    [InlineData("http://localhost:30001", null, 403)]
    [InlineData("http://localhost", null, 403)]
    [InlineData("https://[2001:db8::1]:8443", null, 200)]
    [InlineData("https://[2001:db8::2]:8443", null, 403)]
    [InlineData(null, null, 200)]
    public async Task Pages_of_other_sites_get_nothing_and_may_read_why(string? origin, string? referer, int status)
    {
        await using var server = await SluiceServer.StartAsync(options =>
        {
            _node.Configure(options);
            options.Pipekv.AllowedReferers =
                ["https://Good.example/", "*.wild.example", "https://bücher.example", "http://localhost:3000", "https://[2001:db8::1]:8443"];
        });
        _node.Put("a.ts", KvNode.Segment(1));
        foreach (var path in (string[])["/ts/a.ts", "/m3u8_index_cache.json"])
        {
            var head = $"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
                + (origin is null ? "" : $"Origin: {origin}\r\n") + (referer is null ? "" : $"Referer: {referer}\r\n");

            var answer = await AskAsync(server, head + "\r\n");

            answer.ShouldStartWith($"HTTP/1.1 {status} ");
            answer.ShouldContain("Vary: Origin, Referer, Sec-Fetch-Site\r\n");
            if (origin is { Length: > 0 } && origin.All(c => c is > ' ' and <= '~'))
            {
                answer.ShouldContain($"Access-Control-Allow-Origin: {origin}\r\n");
            }

            if (status == 403)
            {
                answer.ShouldContain("referer-refused");
                answer.ShouldContain("Cache-Control: no-store");
            }
        }

        _node.Asked.IsEmpty.ShouldBe(status == 403);
    }

    [Fact]
    public async Task Own_pages_always_may_and_other_sites_that_say_nothing_may_not()
    {
        await using var server = await SluiceServer.StartAsync(options =>
        {
            _node.Configure(options);
            (options.Pipekv.AllowedReferers, options.Server.PublicUrl) = (["https://good.example"], "https://video.example");
        });
        _node.Put("a.ts", KvNode.Segment(1));
        var own = server.Http.BaseAddress!.GetLeftPart(UriPartial.Authority);
        foreach (var (name, value, status) in ((string, string, int)[])
        [
            ("Origin", own, 200), ("Referer", own + "/watch/1", 200), ("Origin", "https://video.example", 200),
            ("Sec-Fetch-Site", "same-origin", 200), ("Sec-Fetch-Site", "none", 200), ("Sec-Fetch-Site", "cross-site", 403), ("Sec-Fetch-Site", "same-site", 403),
        ])
        {
            using var answer = await server.SendAsync(HttpMethod.Get, "/ts/a.ts", headers: (name, value));
            ((int)answer.StatusCode).ShouldBe(status, $"{name}: {value}");
        }
    }

    [Fact]
    public async Task A_preflight_is_answered()
    {
        await using var server = await SluiceServer.StartAsync(_node.Configure);
        foreach (var path in (string[])["/ts/a.ts", "/m3u8/a.m3u8", "/m3u8_index_cache.json"])
        {
            using var answer = await server.SendAsync(HttpMethod.Options, path, headers:
                [("Origin", "https://good.example"), ("Access-Control-Request-Method", "GET"), ("Access-Control-Request-Headers", "range")]);

            answer.StatusCode.ShouldBe(HttpStatusCode.NoContent);
            answer.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["*"]);
            answer.Headers.GetValues("Access-Control-Allow-Headers").Single().ShouldContain("Range");
        }

        _node.Asked.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("GET", "/ts/a.ts", "evil.example", 421)]
    [InlineData("GET", "/m3u8/a.m3u8", "evil.example", 421)]
    [InlineData("GET", "/m3u8_index_cache.json", "evil.example", 421)]
    [InlineData("DELETE", "/ts/a.ts", "127.0.0.1", 405)]
    [InlineData("POST", "/m3u8_index_cache.json", "127.0.0.1", 405)]
    [InlineData("GET", "/ts/a/b.ts", "127.0.0.1", 404)]
    [InlineData("GET", "/m3u8/", "127.0.0.1", 404)]
    [InlineData("GET", "/ts/a%2fb.ts", "127.0.0.1", 403)]
    [InlineData("GET", "/ts/a.ts", "127.0.0.1", 404)]
    [InlineData("GET", "/stream/a/b", "evil.example", 421)]
    [InlineData("GET", "/stream/a/b/c/d/e/f", "127.0.0.1", 404)]
    [InlineData("DELETE", "/stream/a/master.m3u8", "127.0.0.1", 405)]
    public async Task A_page_that_may_can_read_every_error(string method, string path, string host, int status)
    {
        await using var server = await SluiceServer.StartAsync(options =>
        {
            _node.Configure(options);
            options.Pipekv.AllowedReferers = ["https://good.example"];
        });

        var answer = await AskAsync(server, $"{method} {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: https://good.example\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

        answer.ShouldStartWith($"HTTP/1.1 {status} ");
        answer.ShouldContain(path.StartsWith("/stream/", StringComparison.Ordinal) ? "Access-Control-Allow-Origin: *\r\n" : "Access-Control-Allow-Origin: https://good.example\r\n");
        answer.Split("Access-Control-Allow-Origin:").Length.ShouldBe(2, "once");
    }

    private static async Task<int> StatusAsync(SluiceServer server, string path)
    {
        var answer = await AskAsync(server, $"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
        return int.Parse(answer.Split(' ')[1], null);
    }

    /// <summary>Asks as it stands: a client would take addresses apart before it asks.</summary>
    private static async Task<string> AskAsync(SluiceServer server, string head)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Http.BaseAddress!.Host, server.Http.BaseAddress.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(head));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync();
    }
}
