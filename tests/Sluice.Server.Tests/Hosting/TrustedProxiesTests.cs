using System.Net;
using Shouldly;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Hosting;

/// <summary>What proxies say of a request, and https that stays https.</summary>
public sealed class TrustedProxiesTests
{
    private static readonly (string, string)[] Forwarded =
        [("X-Forwarded-For", "203.0.113.5"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "video.example")];

    [Fact]
    public async Task A_trusted_one_is_believed()
    {
        await using var server = await SluiceServer.StartAsync(o => (o.Server.TrustedProxies, o.Server.AllowedHosts) = (["127.0.0.0/8"], ["video.example"]));
        var seen = await (await server.SendAsync(HttpMethod.Get, "/api/v1/proxy-check", headers: Forwarded)).JsonAsync();
        (seen.Text("home"), seen.Text("client"), seen.Text("peer"), seen.Text("forwarded")).ShouldBe(("https://video.example", "203.0.113.5", "127.0.0.1", "trusted"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("10.0.0.0/8")]
    public async Task Any_other_is_not(string? trusted)
    {
        await using var server = await SluiceServer.StartAsync(o => o.Server.TrustedProxies = trusted is null ? [] : [trusted]);
        var seen = await (await server.SendAsync(HttpMethod.Get, "/api/v1/proxy-check", headers: Forwarded)).JsonAsync();
        (seen.Text("home"), seen.Text("client"), seen.Text("forwarded"))
            .ShouldBe((server.Http.BaseAddress!.GetLeftPart(UriPartial.Authority), "127.0.0.1", "untrusted"));
    }

    [Theory]
    [InlineData("localhost", "https://video.example", "evil.example", 421)]
    [InlineData("localhost", null, "evil.example", 421)]
    [InlineData("127.0.0.1", null, "evil.example", 421)]
    [InlineData("video.example", "https://video.example", "evil.example", 200)]
    [InlineData("video.example:8443", "https://video.example:8443", "evil.example", 200)]
    [InlineData("evil.example", "https://video.example", "video.example", 200)]
    [InlineData("evil.example", null, "evil.example", 421)]
    public async Task A_host_that_is_handed_on_is_taken_when_it_is_a_public_one_of_ours(string forwarded, string? publicUrl, string host, int status)
    {
        await using var server = await SluiceServer.StartAsync(o => (o.Server.TrustedProxies, o.Server.PublicUrl) = (["127.0.0.1"], publicUrl));
        using var answer = await server.SendAsync(HttpMethod.Get, "/health", headers: [("Host", host), ("X-Forwarded-Host", forwarded)]);
        ((int)answer.StatusCode).ShouldBe(status);
    }

    [Fact]
    public async Task What_a_proxy_says_opens_no_door()
    {
        await using var server = await SluiceServer.StartAsync(o => o.Server.TrustedProxies = ["127.0.0.1"], guarded: true);
        foreach (var address in (string[])["127.0.0.1", "::1", "203.0.113.5"])
        {
            using var answer = await server.SendAsync(HttpMethod.Get, "/api/v1/media", headers: ("X-Forwarded-For", address));
            await answer.ShouldBeProblemAsync(401, "key-missing");
        }
    }

    [Theory]
    [InlineData(0, "https", null)]
    [InlineData(365, "https", "max-age=31536000")]
    [InlineData(365, "http", null)]
    public async Task Browsers_are_told_to_stay_with_https_over_https_alone(int days, string scheme, string? said)
    {
        await using var server = await SluiceServer.StartAsync(o => (o.Server.TrustedProxies, o.Server.HstsDays) = (["127.0.0.1"], days));
        foreach (var path in (string[])["/health", "/nothing/here"])
        {
            using var answer = await server.SendAsync(HttpMethod.Get, path, headers: ("X-Forwarded-Proto", scheme));
            (answer.Headers.TryGetValues("Strict-Transport-Security", out var values) ? values.Single() : null).ShouldBe(said);
        }
    }

    [Fact]
    public async Task And_so_they_are_by_a_certificate_of_our_own()
    {
        using var certificate = new TestCertificate();
        await using var server = await SluiceServer.StartAsync(o =>
            (o.Server.Certificate, o.Server.Key, o.Server.HstsDays) = (certificate.CertificateFile, certificate.KeyFile, 1));
        using var http = certificate.Client(server.Http.BaseAddress!, HttpVersion.Version20);
        using var answer = await http.GetAsync("/health");
        answer.Headers.GetValues("Strict-Transport-Security").ShouldBe(["max-age=86400"]);
    }
}
