using System.Net;
using System.Net.Sockets;

namespace Sluice.Server.Tests.Torrents;

/// <summary>Counts packets that come to a port of loopback.</summary>
internal sealed class UdpCanary : IDisposable
{
    private readonly UdpClient _client;
    private int _count;

    public UdpCanary(int port)
    {
        _client = new UdpClient(new IPEndPoint(IPAddress.Loopback, port));
        _ = CountAsync();
    }

    public int Count => Volatile.Read(ref _count);

    public void Dispose() => _client.Dispose();

    private async Task CountAsync()
    {
        try
        {
            while (true)
            {
                await _client.ReceiveAsync();
                Interlocked.Increment(ref _count);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Over.
        }
    }
}
