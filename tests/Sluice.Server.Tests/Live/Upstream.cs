using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Sluice.Media.Hls;
using Sluice.Server.Hosting;
using Sluice.Server.Live;
using Sluice.Server.Outbound;
using Sluice.Server.Tests.Cli;

namespace Sluice.Server.Tests.Live;

/// <summary>Somebody else's HLS server on loopback, whose files and faults are as a test wants them.</summary>
internal sealed class Upstream : IAsyncDisposable
{
    private readonly CheckedConnector _connector;
    private ApiStub _stub = null!;

    private Upstream()
    {
        var options = new SluiceOptions();
        options.Outbound.Allow = ["127.0.0.1/32"];
        _connector = new CheckedConnector(options, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]), TimeProvider.System);
        Outbound = new OutboundFetcher(_connector, TimeProvider.System);
    }

    /// <summary>Files by path, without the first slash.</summary>
    public ConcurrentDictionary<string, byte[]> Files { get; } = new();

    /// <summary>What is done instead of sending a file; by path. Answers whether that was all.</summary>
    public ConcurrentDictionary<string, Func<HttpContext, Task<bool>>> Faults { get; } = new();

    /// <summary>Whether parts are given.</summary>
    public bool HasRanges { get; set; } = true;

    /// <summary>What was asked for, with its range.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public OutboundFetcher Outbound { get; }

    public static async Task<Upstream> StartAsync()
    {
        var upstream = new Upstream();
        upstream._stub = await ApiStub.StartAsync(upstream.AnswerAsync);
        return upstream;
    }

    public OutboundUrl Url(string path) =>
        OutboundUrl.TryParse($"http://127.0.0.1:{_stub.Url.Port}/{path}", out var url) ? url : throw new InvalidOperationException();

    /// <summary>A fetcher whose addresses are relative to <c>live/index.m3u8</c>.</summary>
    public SegmentFetcher Fetcher(TimeSpan? patience = null) =>
        new(Outbound, new UpstreamManner { Patience = patience ?? TimeSpan.FromSeconds(5) }, TimeProvider.System) { Base = Url("live/index.m3u8") };

    /// <summary>A fault that cuts the first answer off after so many bytes of its body.</summary>
    public void CutOnce(string path, int bytes)
    {
        var cuts = 1;
        Faults[path] = async context =>
        {
            if (Interlocked.Decrement(ref cuts) < 0)
            {
                return false;
            }

            context.Response.Headers.ETag = "\"v1\"";
            context.Response.ContentLength = Files[path].Length;
            await context.Response.Body.WriteAsync(Files[path].AsMemory(0, bytes));
            await ApiStub.CutAsync(context);
            return true;
        };
    }

    /// <summary>A fault that answers so often with a status.</summary>
    public void Refuse(string path, int status, int times)
    {
        Faults[path] = context =>
        {
            var isRefused = Interlocked.Decrement(ref times) >= 0;
            context.Response.StatusCode = isRefused ? status : 200;
            return Task.FromResult(isRefused);
        };
    }

    public async ValueTask DisposeAsync()
    {
        Outbound.Dispose();
        await _stub.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value![1..];
        var range = context.Request.Headers.Range.ToString();
        Asked.Enqueue(range.Length > 0 ? $"{path} {range}" : path);
        if (Faults.TryGetValue(path, out var fault) && await fault(context))
        {
            return;
        }

        if (!Files.TryGetValue(path, out var file))
        {
            context.Response.StatusCode = 404;
            return;
        }

        context.Response.Headers.ETag = "\"v1\"";
        var (from, to) = (0, file.Length - 1);
        if (range.Length > 0 && HasRanges)
        {
            var ends = range["bytes=".Length..].Split('-');
            from = int.Parse(ends[0], CultureInfo.InvariantCulture);
            to = ends[1].Length > 0 ? Math.Min(to, int.Parse(ends[1], CultureInfo.InvariantCulture)) : to;
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes {from}-{to}/{file.Length}";
        }

        context.Response.ContentLength = to - from + 1;
        await context.Response.Body.WriteAsync(file.AsMemory(from, to - from + 1));
    }

    /// <summary>A segment as a playlist would name it.</summary>
    public static UpstreamSegment Segment(string uri, bool isBreak = false, HlsByteRange? range = null, HlsKey? key = null, HlsMap? map = null) =>
        new(new HlsSegment { Uri = uri, Range = range, Key = key, Map = map }, isBreak);
}
