using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sluice.Bench.Live;

/// <summary>
/// The least that the work of a channel can cost: bytes are taken from one connection and put into another, and nobody looks at them.
/// <code>
///   origin ──▶ recv ──▶ 64 KB ──▶ send ──▶ viewer       a thread for each viewer, which waits in the kernel
/// </code>
/// What it takes is the kernel's, and so nobody's to save. A process of its own, so that it can be told what it takes.
/// </summary>
internal sealed class BareRelay : IDisposable
{
    /// <summary>First argument of this program when it is to be one; the second is the playlist.</summary>
    public const string Command = "relay";

    private const int BufferBytes = 64 * 1024;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly Uri _playlist;
    private readonly Socket _viewer;
    private Socket? _origin;
    private readonly byte[] _buffer = new byte[BufferBytes];

    private BareRelay(Uri playlist, Socket viewer) => (_playlist, _viewer) = (playlist, viewer);

    /// <summary>Starts one.</summary>
    /// <returns>It, and where it serves.</returns>
    public static async Task<(Process Process, Uri Address)> StartAsync(Uri playlist)
    {
        var process = Tool.Start(Environment.ProcessPath!, [Command, playlist.ToString()]);
        var port = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The relay does not start.");
        return (process, new Uri($"http://127.0.0.1:{port}/"));
    }

    /// <summary>Is one, until the process is ended.</summary>
    public static void Run(Uri playlist)
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Console.Out.WriteLine(((IPEndPoint)listener.LocalEndPoint!).Port.ToString(CultureInfo.InvariantCulture));
        while (true)
        {
            var viewer = listener.Accept();
            new Thread(new BareRelay(playlist, viewer).Serve) { IsBackground = true }.Start();
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _viewer.Dispose();
        _origin?.Dispose();
    }

    private void Serve()
    {
        using var self = this;
        try
        {
            _viewer.Receive(_buffer); // What is asked for is clear.
            _viewer.Send("HTTP/1.1 200 OK\r\nContent-Type: video/mp2t\r\nConnection: close\r\n\r\n"u8);
            for (var next = 0L; ; next = Relay(next))
            {
                Wait();
            }
        }
        catch (SocketException)
        {
            return; // It has gone, or the origin has.
        }
    }

    private static void Wait()
    {
        using var never = new ManualResetEvent(false);
        never.WaitOne(Interval);
    }

    /// <summary>Passes on what is new.</summary>
    /// <returns>Number of the segment after that.</returns>
    private long Relay(long next)
    {
        var list = new StringBuilder();
        Get(_playlist.AbsolutePath, bytes => list.Append(Encoding.ASCII.GetString(bytes)));
        var numbers = list.ToString().Split('\n').Where(static line => line.EndsWith(".ts", StringComparison.Ordinal))
            .Select(static line => long.Parse(line[..^3], CultureInfo.InvariantCulture)).ToList();
        foreach (var number in numbers.Where(n => n >= next).TakeLast(next == 0 ? 1 : int.MaxValue))
        {
            Get(string.Create(CultureInfo.InvariantCulture, $"/{number}.ts"), Send);
            next = number + 1;
        }

        return next;
    }

    private void Send(ReadOnlySpan<byte> bytes)
    {
        for (; !bytes.IsEmpty; bytes = bytes[_viewer.Send(bytes)..])
        {
        }
    }

    /// <summary>Asks over the connection that there is. The origin closes one after a hundred answers, and says so with the last.</summary>
    private void Get(string path, Take take)
    {
        _origin ??= Connect();
        _origin.Send(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {_playlist.Authority}\r\n\r\n"));
        var (held, head) = (0, -1);
        while (head < 0)
        {
            held += Receive(_origin, _buffer.AsSpan(held));
            head = _buffer.AsSpan(0, held).IndexOf("\r\n\r\n"u8);
        }

        const string name = "Content-Length:";
        var lines = Encoding.ASCII.GetString(_buffer, 0, head).Split("\r\n");
        var length = lines.First(static l => l.StartsWith(name, StringComparison.OrdinalIgnoreCase));
        var left = long.Parse(length.AsSpan(name.Length), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture);
        for (var bytes = _buffer.AsSpan(head + 4, held - head - 4); ; bytes = _buffer.AsSpan(0, Receive(_origin, _buffer)))
        {
            take(bytes);
            left -= bytes.Length;
            if (left == 0)
            {
                break;
            }
        }

        if (lines.Contains("Connection: close", StringComparer.OrdinalIgnoreCase))
        {
            _origin.Dispose();
            _origin = null;
        }
    }

    private Socket Connect()
    {
        var origin = new Socket(SocketType.Stream, ProtocolType.Tcp);
        origin.Connect(IPAddress.Loopback, _playlist.Port);
        return origin;
    }

    private static int Receive(Socket origin, Span<byte> room) => origin.Receive(room) is > 0 and var count ? count : throw new SocketException((int)SocketError.ConnectionReset);

    private delegate void Take(ReadOnlySpan<byte> bytes);
}
