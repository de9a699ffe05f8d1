using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Cli;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Cli;

/// <summary><c>sluice doctor --url</c> through a real nginx, set up as docs/operations.md has it, and with one thing wrong at a time.</summary>
public sealed class ProxyCheckupTests
{
    /// <summary>What docs/operations.md says; a test holds that.</summary>
    private static readonly string[] Block = ["client_max_body_size 0;"];

    private static readonly string[] Location =
    [
        "proxy_http_version 1.1;", "proxy_request_buffering off;",
        "proxy_set_header Host $http_host;", "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
        "proxy_set_header X-Forwarded-Proto $scheme;", "proxy_set_header X-Forwarded-Host $http_host;",
        "proxy_set_header Upgrade $http_upgrade;", "proxy_set_header Connection $connection_upgrade;",
    ];

    /// <summary>Where nginx asks from, so that it can be told from who asks it.</summary>
    private const string Proxy = "127.0.0.2";

    private const string Forwarded = "X-Forwarded-For $proxy_add_x_forwarded_for";

    [Fact]
    public async Task As_documented_all_is_well()
    {
        var findings = await FindAsync("http2 " + string.Join(' ', Block), LocationText());
        findings.ShouldAllBe(f => f.Severity == Severity.Ok, string.Join('\n', findings));
        findings.Select(f => f.Subject).ShouldBe(["server", "HTTP/2", "links", "clients", "headers", "ranges", "uploads", "live"]);
    }

    [Theory]
    [InlineData("", "proxy_request_buffering off", "", "uploads", "Fail", "proxy_request_buffering off")]
    [InlineData("", "client_max_body_size 0", "", "uploads", "Fail", "client_max_body_size 0")]
    [InlineData("", "proxy_http_version 1.1", "proxy_http_version 1.0; proxy_ignore_headers X-Accel-Buffering;", "live", "Fail", "proxy_buffering off")]
    [InlineData("", "X-Forwarded-Host", "", "headers", "Fail", "proxy_set_header X-Forwarded-Host $http_host;")]
    [InlineData("", "X-Forwarded-Host", "proxy_set_header X-Forwarded-Host $http_x_forwarded_host;", "headers", "Fail", "X-Forwarded-Host $http_host")]
    [InlineData("", " Host $http_host", "", "links", "Fail", "server.publicUrl: https://127.0.0.1")]
    [InlineData("", "X-Forwarded-Proto", "", "links headers", "Fail", "server.publicUrl: https://127.0.0.1")]
    [InlineData("", Forwarded, "proxy_set_header X-Forwarded-For \"\";", "clients", "Warn", Forwarded)]
    [InlineData("", Forwarded, "", "clients", "Fail", Forwarded)]
    [InlineData("", Forwarded, "proxy_set_header X-Forwarded-For $http_x_forwarded_for;", "clients", "Fail", Forwarded)]
    [InlineData("", "", "proxy_set_header Range \"\";", "ranges", "Fail", "Range")]
    [InlineData("http/1", "", "", "HTTP/2", "Warn", "http2 on")]
    public async Task What_is_wrong_is_named_with_what_mends_it(string protocol, string without, string with, string subject, string severity, string fix)
    {
        var server = (protocol.Length == 0 ? "http2 " : "") + string.Join(' ', Block.Where(line => without.Length == 0 || !line.Contains(without)));
        var findings = await FindAsync(server, LocationText(without) + with);
        var wrong = findings.Where(f => f.Severity != Severity.Ok).ToArray();
        string.Join(' ', wrong.Select(f => f.Subject)).ShouldBe(subject, string.Join('\n', findings));
        wrong[0].Severity.ToString().ShouldBe(severity);
        wrong[0].Fix!.ShouldContain(fix);
    }

    [Fact]
    public async Task Who_asks_from_a_trusted_address_is_told_what_cannot_be_seen_from_there()
    {
        var findings = await FindAsync("http2 " + string.Join(' ', Block), LocationText(), trusted: "127.0.0.0/8");
        findings.ShouldAllBe(f => f.Severity == Severity.Ok, string.Join('\n', findings));
        findings.Single(f => f.Subject == "clients").Detail.ShouldContain("trusted itself");
    }

    [Fact]
    public async Task A_proxy_that_is_not_trusted_is_named()
    {
        var findings = await FindAsync("http2 " + string.Join(' ', Block), LocationText(), trusted: null);
        findings.Where(f => f.Severity != Severity.Ok).Select(f => f.Subject).ShouldBe(["links", "clients"]);
        findings.Single(f => f.Subject == "clients").Fix.ShouldBe($"server.trustedProxies: [{Proxy}]");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_door_that_is_open_to_the_world_is_told(bool isNamed)
    {
        await using var sluice = await SluiceServer.StartAsync(o => o.Server.PublicUrl = isNamed ? "https://video.example" : null, guarded: null);
        await using var nginx = await NginxProxy.StartAsync(sluice.Http.BaseAddress!, "", isNamed ? "proxy_set_header Host $host;" : "");
        using var http = nginx.Client("video.example");
        var findings = await new ProxyCheckup(http, sluice.NewOperatorKey).RunAsync(TestContext.Current.CancellationToken);

        var door = findings.Single(f => f.Subject == "door");
        door.Severity.ShouldBe(isNamed ? Severity.Ok : Severity.Fail);
        if (!isNamed)
        {
            door.Fix!.ShouldContain("server.publicUrl: https://video.example");
        }
    }

    [Fact]
    public async Task Without_a_proxy_all_is_well_too_and_the_key_is_asked_for()
    {
        await using var server = await SluiceServer.StartAsync(guarded: true);
        var findings = await new ProxyCheckup(server.Http, server.NewOperatorKey).RunAsync(TestContext.Current.CancellationToken);
        findings.ShouldAllBe(f => f.Severity == Severity.Ok, string.Join('\n', findings));
        var refused = await new ProxyCheckup(server.Http, null).RunAsync(TestContext.Current.CancellationToken);
        refused.ShouldHaveSingleItem().Fix.ShouldBe("give it in SLUICE_KEY");
    }

    [Fact]
    public async Task The_command_says_what_it_found_and_what_it_was_given_wrong()
    {
        await using var server = await SluiceServer.StartAsync();
        var good = await SluiceProcess.RunAsync(["doctor", "--url", server.Http.BaseAddress!.AbsoluteUri]);
        good.Code.ShouldBe(0, good.Output + good.Errors);
        good.Output.ShouldContain("OK    uploads");

        var nobody = await SluiceProcess.RunAsync(["doctor", "--url", "http://127.0.0.1:9"]);
        nobody.Code.ShouldBe(1);
        nobody.Output.ShouldContain("FAIL  server");

        var none = await SluiceProcess.RunAsync(["doctor", "--url", "video.example"]);
        none.Code.ShouldNotBe(0);
        none.Errors.ShouldContain("it looks like https://video.example.org");
    }

    [Fact]
    public void The_documented_configuration_is_the_tested_one()
    {
        var text = File.ReadAllText(RepositoryRoot.File("docs/operations.md"));
        foreach (var line in (string[])[.. Block, .. Location])
        {
            text.ShouldContain(line);
        }
    }

    private static string LocationText(string without = "") =>
        string.Join(' ', Location.Where(line => without.Length == 0 || !line.Contains(without)));

    private static async Task<IReadOnlyList<Finding>> FindAsync(string server, string location, string? trusted = Proxy)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Not tested: needs a second loopback address.");
        await using var sluice = await SluiceServer.StartAsync(
            o => o.Server.TrustedProxies = trusted is null ? [] : [trusted],
            builder => builder.Services.AddSingleton(TimeProvider.System));
        await using var nginx = await NginxProxy.StartAsync(sluice.Http.BaseAddress!, server, $"proxy_bind {Proxy}; {location}");
        using var http = nginx.Client();
        return await new ProxyCheckup(http, null).RunAsync(TestContext.Current.CancellationToken);
    }
}
