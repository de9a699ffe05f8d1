using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Sluice.Server.Tests.Cli;
using Sluice.Server.Tests.Processes;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Sessions;

/// <summary>A DASH presentation on servers with TLS, which ffmpeg itself does not speak there.</summary>
public sealed class DashTlsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-dash-").FullName;
    private readonly TestCertificate _certificate = new();
    private readonly ConcurrentQueue<string> _asked = new();

    public void Dispose()
    {
        _certificate.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Its_segments_come_over_tls_from_wherever_they_are()
    {
        Shell.RequireLinux();
        Ffmpeg.Make("-f lavfi -i testsrc2=s=64x64:r=25:d=20 -c:v libx264 -preset ultrafast -g 25 -pix_fmt yuv420p -seg_duration 2 -f dash", Path.Combine(_folder, "film.mpd"));
        using var shown = X509Certificate2.CreateFromPemFile(_certificate.CertificateFile, _certificate.KeyFile);
        await using var far = await ApiStub.StartAsync(context => AnswerAsync(context, "far"), shown);
        await using var moving = await ApiStub.StartAsync(
            context =>
            {
                _asked.Enqueue($"moving {context.Request.Scheme}");
                context.Response.Redirect($"{far.Url}{context.Request.Path.Value![1..]}?signed=1");
                return Task.CompletedTask;
            }, shown);
        var mpd = Path.Combine(_folder, "film.mpd");
        await File.WriteAllTextAsync(mpd, (await File.ReadAllTextAsync(mpd)).Replace("initialization=\"", $"initialization=\"{far.Url}", StringComparison.Ordinal)
            .Replace("media=\"", $"media=\"{moving.Url}", StringComparison.Ordinal));
        await using var near = await ApiStub.StartAsync(context => AnswerAsync(context, "near"), shown);
        await using var server = new KillableServer(
            $"""
            outbound:
              allow: ["127.0.0.1:{near.Url.Port}", "127.0.0.1:{moving.Url.Port}", "127.0.0.1:{far.Url.Port}"]
            ingest:
              resolvers: false
            """, _certificate.CertificateFile);
        await server.StartAsync();
        using var http = new HttpClient { BaseAddress = server.Home, Timeout = Eventually.Patience };

        using var begun = await http.PostAsync(
            "/api/v1/sessions", new StringContent($$"""{"url":{{JsonSerializer.Serialize($"{near.Url}film.mpd?token=1")}}}""", null, "application/json"));
        begun.EnsureSuccessStatusCode();
        using var answer = await http.GetAsync((await begun.JsonAsync()).GetProperty("playback").Text("ts"), HttpCompletionOption.ResponseHeadersRead);
        answer.IsSuccessStatusCode.ShouldBeTrue(answer.IsSuccessStatusCode ? "" : await answer.Content.ReadAsStringAsync());
        await using var body = await answer.Content.ReadAsStreamAsync();
        await body.ReadExactlyAsync(new byte[1000]);

        _asked.ShouldContain("near https /film.mpd?token=1");
        _asked.ShouldContain("far https /init-stream0.m4s");
        _asked.ShouldContain("moving https");
        _asked.ShouldContain("far https /chunk-stream0-00001.m4s?signed=1");
    }

    private Task AnswerAsync(HttpContext context, string name)
    {
        var request = context.Request;
        _asked.Enqueue($"{name} {request.Scheme} {request.Path}{request.QueryString}");
        return context.Response.SendFileAsync(Path.Combine(_folder, request.Path.Value![1..]));
    }
}
