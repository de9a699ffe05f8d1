using System.Diagnostics;

namespace Sluice.Bench.Live;

/// <summary>Reads an endless body and notes when it came.</summary>
internal sealed class TsViewer : IDisposable
{
    private const int Packet = 188;

    /// <summary>Announced jumps at the beginning are those of coming in.</summary>
    private const int JoinPackets = 16;

    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly byte[] _buffer = new byte[64 * 1024];
    private long _lastAt;
    private int _held;
    private long _packets;

    /// <summary>From the request to the first byte of the body.</summary>
    public TimeSpan FirstByte { get; private set; }

    /// <summary>Bytes that came.</summary>
    public long Bytes { get; private set; }

    /// <summary>Packets after its coming in that announce a jump on the clock's PID: it skipped, or the source did.</summary>
    public int Jumps { get; private set; }

    /// <summary>Times between two reads, in milliseconds, since <see cref="Forget"/>.</summary>
    public List<double> Gaps { get; } = [];

    /// <summary>Where all that comes is written to; null for nowhere.</summary>
    public Stream? Copy { get; init; }

    /// <summary>Reads until it is told to stop, or the body ends, or there are so many bytes.</summary>
    public async Task WatchAsync(Uri address, CancellationToken ct, long mostBytes = long.MaxValue)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            using var response = await _http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, ct);
            response.EnsureSuccessStatusCode();
            await using var body = await response.Content.ReadAsStreamAsync(ct);
            while (Bytes < mostBytes && await body.ReadAsync(_buffer.AsMemory(_held), ct) is > 0 and var count)
            {
                Note(began, count);
                await (Copy?.WriteAsync(_buffer.AsMemory(_held, count), ct) ?? ValueTask.CompletedTask);
                Look(_held + count);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return; // It was told to.
        }
    }

    /// <summary>Measures gaps from now on.</summary>
    public void Forget()
    {
        lock (Gaps)
        {
            Gaps.Clear();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private void Note(long began, int count)
    {
        var now = Stopwatch.GetTimestamp();
        if (Bytes == 0)
        {
            FirstByte = Stopwatch.GetElapsedTime(began, now);
        }
        else
        {
            lock (Gaps)
            {
                Gaps.Add(Stopwatch.GetElapsedTime(_lastAt, now).TotalMilliseconds);
            }
        }

        _lastAt = now;
        Bytes += count;
    }

    private void Look(int end)
    {
        var at = 0;
        for (; at + Packet <= end; at += Packet, _packets++)
        {
            // Of the pictures, whose announcements count once for each jump.
            var isAnnounced = (_buffer[at + 3] & 0x20) != 0 && _buffer[at + 4] > 0 && (_buffer[at + 5] & 0x80) != 0;
            Jumps += isAnnounced && _packets > JoinPackets && (_buffer[at + 1] & 0x1F) == 1 && _buffer[at + 2] == 0 ? 1 : 0;
        }

        _held = end - at;
        _buffer.AsSpan(at, _held).CopyTo(_buffer);
    }
}
