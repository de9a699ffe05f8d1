using System.Buffers;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Sluice.Server.Outbound;
using Sluice.Server.Processes;
using Sluice.Server.Store;

namespace Sluice.Server.Transcode.Far;

/// <summary>
/// Hands ffmpeg a source that is no file of this machine: by a proxy that has nothing else, for one source and as long as somebody reads it.
/// <code>
///   ffmpeg ── GET <see cref="FfmpegGuard.Relayed"/>, Range ──▶ relay ──▶ <see cref="IObjectReader"/>      no more is read than ffmpeg takes, but for what sockets hold
/// </code>
/// It answers with bytes and never with another address; whatever else ffmpeg asks for is not there.
/// </summary>
internal sealed class SourceRelay : LoopbackProxy
{
    private const int PieceBytes = 64 << 10;

    /// <summary>A reader that gives up sooner than this did not give up because nothing came.</summary>
    private static readonly TimeSpan LongWait = TimeSpan.FromSeconds(5);

    /// <summary>Between two reads of what is on its way.</summary>
    private static readonly TimeSpan BeforeAgain = TimeSpan.FromMilliseconds(250);

    private readonly IObjectReader _reader;
    private readonly TimeProvider _clock;
    private volatile string? _trouble;

    /// <param name="reader">The source; its owner disposes of it, after this.</param>
    /// <param name="clock">The time.</param>
    public SourceRelay(IObjectReader reader, TimeProvider clock)
        : base(clock)
    {
        (_reader, _clock) = (reader, clock);
        Start();
    }

    /// <summary>Why the source could not be read, a sentence for a person: what failed since says nothing about its contents. Null when it could.</summary>
    public string? Trouble => _trouble;

    /// <inheritdoc />
    protected override async Task<string> ServeAsync(NetworkStream near, ProxyRequest asked, ReadOnlyMemory<byte> behind, CancellationToken ct)
    {
        if (asked.ShortHead is not { } head || RelayRequest.TryParse(head) is not { } request)
        {
            return "400 Bad Request";
        }

        if (asked.Server.Host != FfmpegGuard.RelayedHost)
        {
            return "404 Not Found";
        }

        var size = _reader.Length;
        if (request.From is { } beyond && beyond >= size)
        {
            return string.Create(CultureInfo.InvariantCulture, $"416 Range Not Satisfiable\r\nContent-Range: bytes */{size}");
        }

        var (from, to) = (request.From ?? 0, Math.Min(request.To ?? long.MaxValue, size - 1));
        await near.WriteAsync(Encoding.ASCII.GetBytes(HeadOf(request.From is not null, from, to, size)), ct);
        if (!request.IsHead)
        {
            await SendAsync(near, from, to + 1, ct);
        }

        return "";
    }

    private static string HeadOf(bool isPart, long from, long to, long size) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
         HTTP/1.1 {(isPart ? $"206 Partial Content\r\nContent-Range: bytes {from}-{to}/{size}" : "200 OK")}
         Content-Length: {to + 1 - from}
         Content-Type: application/octet-stream
         Accept-Ranges: bytes
         Connection: close


         """).ReplaceLineEndings("\r\n");

    private async Task SendAsync(NetworkStream near, long from, long end, CancellationToken ct)
    {
        near.Socket.SendBufferSize = PieceBytes; // What lies in it was fetched, and may be for nobody.
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var leaving = LeaveAsync(near, gone);
        var piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            while (from < end && await ReadAsync(from, piece.AsMemory(0, (int)Math.Min(PieceBytes, end - from)), gone.Token) is > 0 and var count)
            {
                await near.WriteAsync(piece.AsMemory(0, count), gone.Token);
                from += count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
            near.Close();
            await leaving;
        }
    }

    private async Task<int> ReadAsync(long from, Memory<byte> piece, CancellationToken ct)
    {
        var began = _clock.GetTimestamp();
        try
        {
            while (true)
            {
                try
                {
                    return await _reader.ReadAsync(from, piece, ct);
                }
                catch (SourceUnavailableException e) when (e.IsPending)
                {
                    await Task.Delay(BeforeAgain, _clock, ct); // ffmpeg has time, as long as somebody watches.
                }
            }
        }
        catch (SourceUnavailableException e)
        {
            _trouble = e.Message;
            return 0;
        }
        catch (OperationCanceledException) when (_clock.GetElapsedTime(began) > LongWait)
        {
            _trouble = "What is needed of the source does not come.";
            throw;
        }
    }

    /// <summary>A reader sends nothing behind its request; when its end comes, it has gone.</summary>
    private static async Task LeaveAsync(NetworkStream near, CancellationTokenSource gone)
    {
        try
        {
            while (await near.ReadAsync(new byte[1], gone.Token) > 0)
            {
                // Whatever it says, nobody listens.
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // It has gone, or all was sent.
        }

        await gone.CancelAsync();
    }
}
