using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sluice.Bench.Stores;

/// <summary>Viewers on slow lines: each has a segment of its own under way, takes little of it at a time, and its socket keeps little.</summary>
internal static class SlowReaders
{
    /// <summary>Viewers at the same time.</summary>
    public const int Count = 200;

    /// <summary>Bytes that each takes in a second.</summary>
    public const int BytesPerSecond = 50_000;

    private const int PieceBytes = 5_000;
    private const int SocketBytes = 16 * 1024;

    /// <summary>How long they watch, and are looked at.</summary>
    public static readonly TimeSpan Watched = TimeSpan.FromSeconds(15);

    /// <summary>Has them watch.</summary>
    /// <param name="server">Where.</param>
    /// <param name="pid">Its process.</param>
    /// <param name="paths">What, in turn.</param>
    /// <exception cref="InvalidOperationException">One was not served.</exception>
    public static async Task<SlowReading> RunAsync(Uri server, int pid, IReadOnlyList<string> paths)
    {
        var idle = ProcessFacts.FamilyResidentBytes(pid);
        using var end = new CancellationTokenSource();
        var readers = Enumerable.Range(0, Count).Select(i => ReadAsync(server, paths[i % paths.Count], end.Token)).ToArray();
        var peak = idle;
        for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < Watched; await Task.Delay(50, end.Token))
        {
            peak = Math.Max(peak, ProcessFacts.FamilyResidentBytes(pid));
        }

        await end.CancelAsync();
        return new SlowReading(idle, peak, (await Task.WhenAll(readers)).Sum());
    }

    /// <summary>Takes one segment after the other; answers the bytes taken.</summary>
    private static async Task<long> ReadAsync(Uri server, string path, CancellationToken end)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = SocketBytes };
        await socket.ConnectAsync(IPAddress.Loopback, server.Port, CancellationToken.None);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"));
        var piece = new byte[PieceBytes];
        var taken = 0L;
        while (!end.IsCancellationRequested)
        {
            var count = await socket.ReceiveAsync(piece, CancellationToken.None);
            if (taken == 0 && !Encoding.ASCII.GetString(piece, 0, Math.Min(count, 12)).EndsWith(" 200", StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"A slow reader was answered: {Encoding.ASCII.GetString(piece, 0, count)}");
            }

            taken += count;
            if (count == 0)
            {
                throw new InvalidOperationException($"A slow reader's answer ended after {taken} bytes: it was cut, or is too small for this.");
            }

            await Task.Delay(TimeSpan.FromSeconds((double)count / BytesPerSecond), CancellationToken.None);
        }

        return taken;
    }
}

/// <summary>What they cost.</summary>
/// <param name="IdleBytes">Resident memory before.</param>
/// <param name="PeakBytes">At its highest meanwhile.</param>
/// <param name="TakenBytes">What they got.</param>
internal readonly record struct SlowReading(long IdleBytes, long PeakBytes, long TakenBytes)
{
    public long AddedBytes => PeakBytes - IdleBytes;
}
