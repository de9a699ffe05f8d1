using System.Net;
using Shouldly;
using Sluice.Server.Tests.Store.PipeKv;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Compat;

/// <summary>A real nginx that keeps what is published, and heeds <c>Vary</c>: a page that may not is not given what one that may has fetched.</summary>
public sealed class PipeKvBehindCacheTests
{
    [Theory]
    [InlineData("Origin", "https://good.example", "https://evil.example")]
    [InlineData("Referer", "https://good.example/page", "https://evil.example/page")]
    [InlineData("Sec-Fetch-Site", "none", "cross-site")]
    public async Task What_one_page_has_fetched_another_is_not_given(string header, string good, string evil)
    {
        await using var node = await KvNode.StartAsync();
        node.Put("a.ts", KvNode.Segment(1));
        await using var server = await SluiceServer.StartAsync(options =>
        {
            node.Configure(options);
            options.Pipekv.AllowedReferers = ["https://good.example"];
        });
        await using var nginx = await NginxProxy.StartAsync(proxy => $$"""
            proxy_cache_path {{proxy.Home}}/cache keys_zone=published:1m use_temp_path=off;
            server {
                {{proxy.Listen(http2: false)}}
                location / { proxy_pass {{server.Http.BaseAddress}}; proxy_cache published; add_header X-Kept $upstream_cache_status always; }
            }
            """);
        using var http = nginx.Client();

        (await AskAsync(http, header, good)).ShouldBe((HttpStatusCode.OK, "MISS"));
        (await AskAsync(http, header, good)).ShouldBe((HttpStatusCode.OK, "HIT"));
        (await AskAsync(http, header, evil)).ShouldBe((HttpStatusCode.Forbidden, "MISS"));
        (await AskAsync(http, header, good)).ShouldBe((HttpStatusCode.OK, "HIT"));
    }

    private static async Task<(HttpStatusCode Status, string Cache)> AskAsync(HttpClient http, string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/ts/a.ts");
        request.Headers.TryAddWithoutValidation(header, value);
        using var answer = await http.SendAsync(request);
        return (answer.StatusCode, answer.Headers.GetValues("X-Kept").Single());
    }
}
