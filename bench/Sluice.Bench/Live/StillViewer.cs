using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sluice.Bench.Live;

/// <summary>Asks for an endless body, and reads nothing of it.</summary>
internal sealed class StillViewer : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };

    /// <param name="address">Of the channel.</param>
    public StillViewer(Uri address)
    {
        _socket.Connect(IPAddress.Loopback, address.Port);
        _socket.Send(Encoding.ASCII.GetBytes($"GET {address.AbsolutePath} HTTP/1.1\r\nHost: {address.Authority}\r\n\r\n"));
    }

    /// <inheritdoc />
    public void Dispose() => _socket.Dispose();
}
