using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Sluice.Media.Binary;
using Sluice.Server.Outbound;
using Sluice.Server.Outbound.Remote;
using Sluice.Server.Tests.Cli;

namespace Sluice.Server.Tests.Outbound.Remote;

/// <summary>Somebody else's server with one large file that is given in parts; it counts what it sends, and misbehaves when a test wants it to.</summary>
internal sealed class RangeOrigin : IAsyncDisposable
{
    private ApiStub _stub = null!;
    private long _sent;

    /// <summary>The file.</summary>
    public IByteSource Content { get; set; } = new Pattern(64L << 20);

    /// <summary>Entity tag; null gives none.</summary>
    public string? Tag { get; set; } = "\"v1\"";

    /// <summary>Whether parts are given.</summary>
    public bool HasRanges { get; set; } = true;

    /// <summary>Media type.</summary>
    public string Type { get; set; } = "video/mp4";

    /// <summary>Content-Encoding; null gives none.</summary>
    public string? Packing { get; set; }

    /// <summary>Bytes after which the next answer is cut off; null for none.</summary>
    public int? CutsNextAfter { get; set; }

    /// <summary>Statuses of the next answers, instead of the file.</summary>
    public ConcurrentQueue<int> Statuses { get; } = new();

    /// <summary>Answers wait for it before they say anything.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>Where requests for <c>/moved</c> are sent to; null for the file.</summary>
    public string? Target { get; set; }

    /// <summary>Ranges that were asked for, in order, with their paths.</summary>
    public ConcurrentQueue<(string Path, string Range)> Asked { get; } = new();

    /// <summary>Numbers of the blocks that were asked for, each as often as it was.</summary>
    public long[] AskedBlocks => [.. Asked.SelectMany(a => BlocksOf(a.Range))];

    /// <summary>Bytes of bodies that were sent.</summary>
    public long SentBytes => Volatile.Read(ref _sent);

    /// <summary>Where it listens.</summary>
    public Uri Home => _stub.Url;

    /// <summary>The file's URL.</summary>
    public string Url => $"{_stub.Url}films/long%20one.mp4";

    public static async Task<RangeOrigin> StartAsync()
    {
        var origin = new RangeOrigin();
        origin._stub = await ApiStub.StartAsync(origin.AnswerAsync);
        return origin;
    }

    public static OutboundUrl Parse(string url) => OutboundUrl.TryParse(url, out var parsed) ? parsed : throw new FormatException(url);

    public ValueTask DisposeAsync() => _stub.DisposeAsync();

    private static IEnumerable<long> BlocksOf(string range)
    {
        var bounds = range["bytes=".Length..].Split('-').Select(b => long.Parse(b, CultureInfo.InvariantCulture)).ToArray();
        for (var at = bounds[0]; at <= bounds[1]; at += RemoteFile.BlockBytes)
        {
            yield return at / RemoteFile.BlockBytes;
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        var range = request.Headers.Range.ToString();
        Asked.Enqueue((request.Path, range));
        await Gate.WaitAsync(context.RequestAborted);
        if (request.Path == "/moved")
        {
            response.StatusCode = 302;
            response.Headers.Location = Target ?? Url;
            return;
        }

        if (Statuses.TryDequeue(out var status))
        {
            response.StatusCode = status;
            return;
        }

        response.ContentType = Type;
        response.Headers.ETag = Tag;
        response.Headers.ContentEncoding = Packing;
        var (from, to) = (0L, Content.Length - 1);
        if (HasRanges && range.Length > 0 && (request.Headers.IfRange.Count == 0 || request.Headers.IfRange == Tag))
        {
            var bounds = range["bytes=".Length..].Split('-');
            from = long.Parse(bounds[0], CultureInfo.InvariantCulture);
            to = bounds[1].Length > 0 ? Math.Min(to, long.Parse(bounds[1], CultureInfo.InvariantCulture)) : to;
            if (from > to)
            {
                response.StatusCode = 416;
                response.Headers.ContentRange = $"bytes */{Content.Length}";
                return;
            }

            response.StatusCode = 206;
            response.Headers.ContentRange = $"bytes {from}-{to}/{Content.Length}";
        }

        response.ContentLength = to - from + 1;
        await SendAsync(context, from, to + 1);
    }

    private async Task SendAsync(HttpContext context, long from, long end)
    {
        var cut = CutsNextAfter;
        CutsNextAfter = null;
        var buffer = new byte[64 * 1024];
        for (var at = from; at < end;)
        {
            if (at - from >= cut)
            {
                await context.Response.Body.FlushAsync();
                context.Abort();
                return;
            }

            var count = Content.Read(at, buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - at)));
            await context.Response.Body.WriteAsync(buffer.AsMemory(0, count), context.RequestAborted);
            Interlocked.Add(ref _sent, count);
            at += count;
        }
    }

    /// <summary>A file whose every byte tells where it is from.</summary>
    internal sealed class Pattern(long length, byte salt = 0) : IByteSource
    {
        public long Length => length;

        public int Read(long offset, Span<byte> destination)
        {
            var count = (int)Math.Clamp(length - offset, 0, destination.Length);
            for (var i = 0; i < count; i++)
            {
                var at = offset + i;
                destination[i] = (byte)(salt + at + (at >> 8) + (at >> 16) + (at >> 24));
            }

            return count;
        }

        public byte[] Bytes(long offset, int count)
        {
            var bytes = new byte[count];
            return bytes[..Read(offset, bytes)];
        }
    }
}
