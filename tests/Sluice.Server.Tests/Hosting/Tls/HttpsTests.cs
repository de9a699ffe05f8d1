using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Hosting.Tls;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Hosting.Tls;

/// <summary>https, by a certificate that is renewed while the server runs.</summary>
public sealed class HttpsTests : IDisposable
{
    private readonly TestCertificate _certificate = new();

    public void Dispose() => _certificate.Dispose();

    [Fact]
    public async Task With_a_certificate_it_speaks_https_in_both_versions_and_says_so_in_links()
    {
        await using var server = await StartAsync();
        foreach (var version in (Version[])[HttpVersion.Version11, HttpVersion.Version20])
        {
            using var http = Client(server, version);
            using var answer = await http.GetAsync("/health");
            (answer.StatusCode, answer.Version).ShouldBe((HttpStatusCode.OK, version));
            using var uploaded = await http.PostAsync("/api/v1/media", new MultipartFormDataContent { { new StringContent(SluiceServer.Playable), "media", "clip.mp4" } });
            (await uploaded.JsonAsync()).GetProperty("playback").Text("hls").ShouldStartWith($"https://127.0.0.1:{server.Http.BaseAddress!.Port}/stream/");
        }
    }

    [Fact]
    public async Task A_certificate_and_its_key_may_be_one_file()
    {
        await File.AppendAllTextAsync(_certificate.CertificateFile, await File.ReadAllTextAsync(_certificate.KeyFile));
        await using var server = await SluiceServer.StartAsync(options => options.Server.Certificate = _certificate.CertificateFile);
        using var http = Client(server, HttpVersion.Version20);
        (await http.GetAsync("/health")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_renewed_one_is_shown_without_a_restart_and_one_that_is_no_good_is_not()
    {
        await using var server = await StartAsync();
        var watcher = server.App.Services.GetServices<IHostedService>().OfType<CertificateWatcher>().Single();
        using var old = Client(server, HttpVersion.Version20);
        (await old.GetAsync("/health")).StatusCode.ShouldBe(HttpStatusCode.OK);

        _certificate.Renew();
        (await Eventually.Holds(() => server.Clock.IsAwaitedIn(CertificateWatcher.Interval))).ShouldBeTrue();
        server.Clock.Advance(CertificateWatcher.Interval);
        (await Eventually.Holds(() => server.Logs.Lines.Any(l => l.Contains("The certificate was renewed")))).ShouldBeTrue();
        using var renewed = Client(server, HttpVersion.Version20);
        (await renewed.GetAsync("/health")).StatusCode.ShouldBe(HttpStatusCode.OK, "its client takes no other");
        (await old.GetAsync("/health")).StatusCode.ShouldBe(HttpStatusCode.OK, "connections that are there go on");

        var print = _certificate.Print;
        _certificate.Renew(withKey: false);
        watcher.Look();
        Said(server, "cannot be used").ShouldBe(0, "its key may be on its way");
        watcher.Look();
        watcher.Look();
        Said(server, "cannot be used").ShouldBe(1);
        _certificate.Print.ShouldNotBe(print);
        using var refused = Client(server, HttpVersion.Version20);
        await Should.ThrowAsync<HttpRequestException>(() => refused.GetAsync("/health"));

        _certificate.Renew();
        watcher.Look();
        using var last = Client(server, HttpVersion.Version11);
        (await last.GetAsync("/health")).StatusCode.ShouldBe(HttpStatusCode.OK);
        Said(server, "was renewed").ShouldBe(2);
    }

    [Fact]
    public async Task One_that_ends_soon_is_worth_a_word()
    {
        using var ending = new TestCertificate(new FakeClock().GetUtcNow().AddDays(13));
        await using var server = await SluiceServer.StartAsync(options => (options.Server.Certificate, options.Server.Key) = (ending.CertificateFile, ending.KeyFile));
        (await Eventually.Holds(() => Said(server, "is good until 2026-03-14") == 1)).ShouldBeTrue();
    }

    [Theory]
    [InlineData("none.pem", "privkey.pem", "none.pem")]
    [InlineData("fullchain.pem", "none.pem", "none.pem")]
    [InlineData("fullchain.pem", null, "key")]
    [InlineData("privkey.pem", "privkey.pem", "PEM")]
    [InlineData("fullchain.pem", "other.pem", "key")]
    [InlineData(null, "privkey.pem", "server.certificate")]
    public void What_cannot_be_used_is_said_at_the_start(string? certificate, string? key, string said)
    {
        using var other = new TestCertificate();
        var folder = Path.GetDirectoryName(_certificate.CertificateFile)!;
        File.Copy(other.KeyFile, Path.Combine(folder, "other.pem"));

        var e = Should.Throw<SetupException>(() => ServerCertificate.Of(new ServerOptions { Certificate = PathOf(certificate), Key = PathOf(key) }));

        e.Message.ShouldContain(said);
        e.Message.ShouldNotContain("PRIVATE KEY-----");
        string? PathOf(string? file) => file is null ? null : Path.Combine(folder, file);
    }

    private static int Said(SluiceServer server, string words) => server.Logs.Lines.Count(l => l.Contains(words));

    private HttpClient Client(SluiceServer server, Version version) => _certificate.Client(server.Http.BaseAddress!, version);

    private Task<SluiceServer> StartAsync() => SluiceServer.StartAsync(options =>
        (options.Server.Certificate, options.Server.Key) = (_certificate.CertificateFile, _certificate.KeyFile));
}
