using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Sluice.Server.Tests.Cli;
using Sluice.Server.Tests.Outbound;
using Sluice.Server.Tests.Processes;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Sessions;

/// <summary>The program as it is, ffmpeg and all; somebody else's server, which is out for no good; and what nobody may touch.</summary>
public sealed class AbuseServer : IAsyncLifetime
{
    private const int BombBytes = 256 << 20;

    private readonly Canary _canary = new();
    private FileCanary _file = null!;
    private ApiStub _origin = null!;
    private KillableServer _server = null!;
    private int _open;

    /// <summary>A client of the program.</summary>
    public HttpClient Http { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Shell.RequireLinux();
        _file = await FileCanary.MakeAsync();
        _origin = await ApiStub.StartAsync(AnswerAsync);
        _server = new KillableServer($"""
            outbound:
              allow: ["127.0.0.1:{_origin.Url.Port}"]
            ingest:
              resolvers: false
            """);
        await _server.StartAsync();
        Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = _server.Home, Timeout = Eventually.Patience };
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _server.DisposeAsync();
        await _origin.DisposeAsync();
        await _canary.DisposeAsync();
        _file.Dispose();
    }

    /// <summary>An address with what it is to lead to: <c>{file}</c>, <c>{canary}</c>, an address inside, <c>{inside}</c>, its host and port, and <c>{origin}</c>, the other server.</summary>
    public string Fill(string text) => text.Replace("{file}", _file.Path, StringComparison.Ordinal)
        .Replace("{canary}", $"http://127.0.0.1:{_canary.Port}/", StringComparison.Ordinal).Replace("{inside}", $"127.0.0.1:{_canary.Port}", StringComparison.Ordinal)
        .Replace("{origin}", _origin.Url.AbsoluteUri, StringComparison.Ordinal);

    /// <summary>Nothing was touched, and nothing is left: no session, no program, no file, no row, no request that goes on.</summary>
    public async Task ShouldBeAsBeforeAsync()
    {
        (_canary.Visits, _file.Reads).ShouldBe((0, 0));
        (await Http.GetStringAsync("/api/v1/sessions")).ShouldContain("\"items\":[]");
        (await Eventually.Holds(() => _server.Leavings.All(_server.Pid).Length == 0)).ShouldBeTrue(string.Join('\n', _server.Leavings.All(_server.Pid)));
        (await Eventually.Holds(() => Volatile.Read(ref _open) == 0)).ShouldBeTrue("somebody still reads from the other server");
    }

    private async Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref _open);
        try
        {
            await SendAsync(context, Fill(Uri.UnescapeDataString(context.Request.QueryString.ToString().TrimStart('?'))));
        }
        catch (Exception e) when (context.RequestAborted.IsCancellationRequested && e is IOException or OperationCanceledException)
        {
            // Whoever asked has had enough.
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    /// <summary>What is asked for is in the path; what it leads to, in the query.</summary>
    private async Task SendAsync(HttpContext context, string target)
    {
        var (path, response) = (context.Request.Path.Value!, context.Response);
        switch (path)
        {
            case "/moved":
                (response.StatusCode, response.Headers.Location) = (302, target);
                break;
            case "/circles":
                (response.StatusCode, response.Headers.Location) = (302, "/circles");
                break;
            case "/list.m3u8":
                await response.WriteAsync($"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{target}\n#EXT-X-ENDLIST\n");
                break;
            case "/film.mpd":
                await response.WriteAsync(
                    "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\" mediaPresentationDuration=\"PT2S\" minBufferTime=\"PT1S\""
                    + " profiles=\"urn:mpeg:dash:profile:isoff-on-demand:2011\"><Period><AdaptationSet mimeType=\"video/mp4\"><Representation id=\"a\" bandwidth=\"100000\""
                    + $" codecs=\"avc1.42c00a\" width=\"64\" height=\"64\"><BaseURL>{target}</BaseURL></Representation></AdaptationSet></Period></MPD>");
                break;
            case "/concat.avi" or "/concat.ts":
                await PartAsync(context, Encoding.UTF8.GetBytes($"ffconcat version 1.0\nfile '{target}'\n"), hasRanges: path == "/concat.avi");
                break;
            case "/zeros" or "/zeros.ts":
                response.ContentType = path == "/zeros.ts" ? "video/mp2t" : "application/octet-stream";
                while (true)
                {
                    await response.Body.WriteAsync(new byte[64 << 10], context.RequestAborted);
                }

            case "/bomb.mp4" or "/bomb.m3u8":
                await BombAsync(context, path == "/bomb.mp4" ? "" : "#EXTM3U\n#EXT-X-TARGETDURATION:2\n");
                break;
            default:
                response.StatusCode = 404;
                break;
        }
    }

    private static Task PartAsync(HttpContext context, byte[] file, bool hasRanges)
    {
        context.Response.ContentType = "video/mp2t";
        if (hasRanges)
        {
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes 0-{file.Length - 1}/{file.Length}";
        }

        return context.Response.Body.WriteAsync(file, context.RequestAborted).AsTask();
    }

    /// <summary>A thousand times as much as is sent. A playlist that is looked at by its first bytes, to know what it is, is none yet.</summary>
    private static async Task BombAsync(HttpContext context, string head)
    {
        if (head.Length > 0 && context.Request.Headers.Range.Count > 0)
        {
            await context.Response.WriteAsync(head);
            return;
        }

        context.Response.Headers.ContentEncoding = "gzip";
        await using var gzip = new GZipStream(context.Response.Body, CompressionLevel.Fastest);
        await gzip.WriteAsync(Encoding.UTF8.GetBytes(head), context.RequestAborted);
        for (var sent = 0; sent < BombBytes; sent += 1 << 20)
        {
            await gzip.WriteAsync(new byte[1 << 20], context.RequestAborted);
        }
    }
}
