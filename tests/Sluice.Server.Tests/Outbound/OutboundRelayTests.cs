using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Outbound;
using Sluice.Server.Tests.Cli;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Outbound;

/// <summary>The proxy for programs that this server runs, seen by a client of proxies.</summary>
public sealed class OutboundRelayTests
{
    [Fact]
    public async Task A_page_is_read_through_it_without_a_word_of_the_proxy()
    {
        await using var origin = await ApiStub.StartAsync(async context =>
        {
            context.Request.Headers.Keys.ShouldNotContain("Proxy-Authorization");
            using var reader = new StreamReader(context.Request.Body);
            await context.Response.WriteAsync($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString} {await reader.ReadToEndAsync()}");
        });
        await using var relay = Relay(origin.Url.Port);
        using var client = Client(relay.Url);

        (await client.GetStringAsync($"{origin.Url}a/b?c=d")).ShouldBe("GET /a/b?c=d ");
        using var posted = await client.PostAsync($"{origin.Url}form", new StringContent(new string('x', 100_000)));
        (await posted.Content.ReadAsStringAsync()).ShouldBe("POST /form " + new string('x', 100_000));
    }

    [Fact]
    public async Task A_tunnel_carries_bytes_both_ways()
    {
        await using var echo = new Canary("and back");
        await using var relay = Relay(echo.Port);

        (await RawAsync(relay, $"CONNECT 127.0.0.1:{echo.Port} HTTP/1.1\r\n{Password(relay)}\r\n\r\nthere")).ShouldBe("HTTP/1.1 200 OK\r\n\r\nand back");
    }

    [Theory]
    [InlineData("GET http://127.0.0.1:{0}/ HTTP/1.1")]
    [InlineData("CONNECT 127.0.0.1:{0} HTTP/1.1")]
    [InlineData("CONNECT localhost:{0} HTTP/1.1")]
    [InlineData("CONNECT [::1]:{0} HTTP/1.1")]
    [InlineData("CONNECT 169.254.169.254:80 HTTP/1.1")]
    public async Task What_is_not_public_is_refused(string line)
    {
        await using var canary = new Canary();
        await using var relay = Relay(1);

        var answer = await RawAsync(relay, $"{line.Replace("{0}", $"{canary.Port}", StringComparison.Ordinal)}\r\n{Password(relay)}\r\n\r\n");

        answer.ShouldStartWith("HTTP/1.1 403 ");
        canary.Visits.ShouldBe(0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Proxy-Authorization: Basic c2x1aWNlOg==\r\n")]
    public async Task Without_the_password_nothing_is_asked(string header)
    {
        await using var canary = new Canary();
        await using var relay = Relay(canary.Port);

        (await RawAsync(relay, $"GET http://127.0.0.1:{canary.Port}/ HTTP/1.1\r\n{header}\r\n")).ShouldStartWith("HTTP/1.1 407 ");
        canary.Visits.ShouldBe(0);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("GET /path HTTP/1.1")]
    [InlineData("GET file:///etc/passwd HTTP/1.1")]
    [InlineData("CONNECT nowhere HTTP/1.1")]
    public async Task What_is_no_request_is_said_so(string line)
    {
        await using var relay = Relay(1);

        (await RawAsync(relay, $"{line}\r\n{Password(relay)}\r\n\r\n")).ShouldStartWith("HTTP/1.1 400 ");
    }

    private static OutboundRelay Relay(int port)
    {
        var options = new SluiceOptions();
        options.Outbound.Allow = [$"127.0.0.1:{port}"];
        return new OutboundRelay(new CheckedConnector(options, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]), TimeProvider.System), TimeProvider.System);
    }

    private static HttpClient Client(string relay)
    {
        var url = new Uri(relay);
        var proxy = new WebProxy(new Uri(url.GetComponents(UriComponents.SchemeAndServer, UriFormat.Unescaped)))
        {
            BypassProxyOnLocal = false,
            Credentials = new NetworkCredential(url.UserInfo.Split(':')[0], url.UserInfo.Split(':')[1]),
        };
        return new HttpClient(new SocketsHttpHandler { Proxy = proxy, UseProxy = true });
    }

    private static string Password(OutboundRelay relay) =>
        "Proxy-Authorization: Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(new Uri(relay.Url).UserInfo));

    private static async Task<string> RawAsync(OutboundRelay relay, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, new Uri(relay.Url).Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        using var reader = new StreamReader(stream);
        using var patience = new CancellationTokenSource(Eventually.Patience);
        return await reader.ReadToEndAsync(patience.Token);
    }
}
