using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
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
        using var client = ProxyClient.Of(relay.Url);

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

    [Fact]
    public async Task What_the_program_was_not_told_is_put_back_for_that_server_alone()
    {
        await using var other = await HeadsAsync();
        await using var origin = await HeadsAsync();
        var concealed = Concealed($"http://user:pass%20word@127.0.0.1:{origin.Url.Port}/a/film.mpd?token=geheim");
        await using var relay = Relay(origin.Url.Port, concealed, other.Url.Port);
        using var client = ProxyClient.Of(relay.Url);
        var home = $"http://127.0.0.1:{origin.Url.Port}/";
        const string basic = "Basic dXNlcjpwYXNzIHdvcmQ=";

        concealed.Shown.ShouldBe($"{home}a/film.mpd");
        (await client.GetStringAsync(concealed.Shown)).ShouldBe($"127.0.0.1:{origin.Url.Port} /a/film.mpd?token=geheim {basic}");
        (await client.GetStringAsync($"{home}a/1.m4s?n=1")).ShouldBe($"127.0.0.1:{origin.Url.Port} /a/1.m4s?n=1 {basic}");
        (await client.GetStringAsync($"{home}/evil.example/")).ShouldBe($"127.0.0.1:{origin.Url.Port} //evil.example/ {basic}");
        (await client.GetStringAsync($"{other.Url}a/film.mpd")).ShouldBe($"127.0.0.1:{other.Url.Port} /a/film.mpd ");
    }

    [Fact]
    public async Task What_belongs_to_a_server_with_tls_goes_there_with_tls_and_to_one_that_is_believed()
    {
        using var certificate = new TestCertificate();
        var asked = 0;
        using var stop = new CancellationTokenSource();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var serving = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync(stop.Token);
            await using var tls = new SslStream(client.GetStream());
            using var shown = X509Certificate2.CreateFromPemFile(certificate.CertificateFile, certificate.KeyFile);
            await tls.AuthenticateAsServerAsync(shown);
            asked += await tls.ReadAsync(new byte[1], stop.Token);
        });
        var concealed = Concealed($"https://127.0.0.1:{port}/film.mpd?token=geheim");
        await using var relay = Relay(port, concealed);

        concealed.Shown.ShouldBe($"http://127.0.0.1:{port}/film.mpd");
        var answer = await RawAsync(relay, $"GET {concealed.Shown} HTTP/1.1\r\n{Password(relay)}\r\n\r\n");

        answer.ShouldStartWith("HTTP/1.1 502 ");
        await stop.CancelAsync();
        await serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        asked.ShouldBe(0, "its certificate is its own, and it is told nothing");
    }

    [Theory]
    [InlineData("https://other/a/$Number$.m4s?b=c", "http://other:443/a/$Number$.m4s?b=c")]
    [InlineData(" HTTPS://Other:8443?b", "http://other:8443?b")]
    [InlineData("https://[2001:db8::1]/a", "http://[2001:db8::1]:443/a")]
    [InlineData("https://me:mine@other/a", "http://me:mine@other:443/a")]
    [InlineData("//other/a", "http://other:443/a")]
    [InlineData("a/https://other/", "a/https://other/")]
    [InlineData("http://other/a", "http://other/a")]
    [InlineData("httpproxy://other/a", "httpproxy://other/a")]
    [InlineData("https://", "https://")]
    [InlineData("https://other:99999/a", "https://other:99999/a")]
    public void What_leads_to_tls_is_told_without(string named, string told) =>
        Concealed("https://host/film.mpd").Tell(named, Url("https://host/film.mpd")).ShouldBe(told);

    [Fact]
    public void What_was_told_without_tls_is_meant_with_it_and_nothing_else()
    {
        var concealed = Concealed("https://user:pass@host/film.mpd");
        concealed.Shown.ShouldBe("http://host:443/film.mpd");
        concealed.Reveal(Url("http://other:443/a?b")).ShouldBeNull();

        concealed.Tell("https://other/", concealed.Url);

        concealed.Reveal(Url("http://other:443/a?b")).ShouldNotBeNull().Secret.ShouldBe("https://other/a?b");
        concealed.Reveal(Url("http://other/a?b")).ShouldBeNull();
        concealed.Reveal(Url("http://host:443/a?b")).ShouldNotBeNull().Secret.ShouldBe("https://user:pass@host/a?b");
    }

    [Fact]
    public void So_many_servers_with_tls_are_remembered_and_no_more()
    {
        var concealed = Concealed("http://host/film.mpd");
        var told = Enumerable.Range(0, 100).Select(n => concealed.Tell($"https://host{n}/", concealed.Url)).ToList();

        told.Count(text => text.StartsWith("http://", StringComparison.Ordinal)).ShouldBe(64);
        concealed.Tell("https://host0/", concealed.Url).ShouldBe("http://host0:443/");
    }

    [Fact]
    public async Task A_redirect_is_told_in_the_same_way()
    {
        await using var origin = await ApiStub.StartAsync(context =>
        {
            (context.Response.StatusCode, context.Response.Headers.Location) = (302, "https://other/a?b");
            return context.Response.WriteAsync("gone");
        });
        await using var relay = Relay(origin.Url.Port, Concealed($"{origin.Url}film.mpd"));

        var answer = await RawAsync(relay, $"GET {origin.Url}1.m4s HTTP/1.0\r\n{Password(relay)}\r\n\r\n");

        answer.ShouldContain("\r\nLocation: http://other:443/a?b\r\n");
        answer.ShouldEndWith("gone");
    }

    private static ConcealedUrl Concealed(string text) => new(Url(text));

    private static OutboundUrl Url(string text)
    {
        OutboundUrl.TryParse(text, out var url).ShouldBeTrue();
        return url;
    }

    /// <summary>A server that says what it was asked.</summary>
    private static Task<ApiStub> HeadsAsync() => ApiStub.StartAsync(context =>
    {
        var request = context.Request;
        return context.Response.WriteAsync($"{request.Headers.Host} {request.Path}{request.QueryString} {request.Headers.Authorization}");
    });

    private static OutboundRelay Relay(int port, ConcealedUrl? concealed = null, int other = 1)
    {
        var options = new SluiceOptions();
        options.Outbound.Allow = [$"127.0.0.1:{port}", $"127.0.0.1:{other}"];
        var connector = new CheckedConnector(options, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]), TimeProvider.System);
        return new OutboundRelay(connector, TimeProvider.System, concealed);
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
