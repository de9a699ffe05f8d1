using System.Net;
using System.Net.Sockets;

namespace Sluice.Server.Tests.Outbound;

/// <summary>Listens on loopback and counts connections: of what must not be asked, not even the first packet may come.</summary>
internal sealed class Canary : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly Task _accepting;
    private readonly string _answer;
    private int _visits;

    /// <param name="answer">What it sends to everyone, raw.</param>
    /// <param name="address">Where; 127.0.0.1 when null.</param>
    /// <param name="port">Which port; 0 takes any.</param>
    public Canary(string answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nMEDIA", IPAddress? address = null, int port = 0)
    {
        _answer = answer;
        _listener = new TcpListener(address ?? IPAddress.Loopback, port);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    public int Visits => Volatile.Read(ref _visits);

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                Interlocked.Increment(ref _visits);
                await AnswerAsync(client.GetStream());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Stopped.
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        try
        {
            await stream.ReadAtLeastAsync(new byte[8192], 1, throwOnEndOfStream: false);
            await stream.WriteAsync(System.Text.Encoding.Latin1.GetBytes(_answer));
        }
        catch (IOException)
        {
            // Gone again.
        }
    }
}
