using System.Net;
using System.Net.Sockets;

namespace Sluice.Server.Tests.Outbound;

/// <summary>Resets every connection as it comes. A client meets that while it connects, or a moment later.</summary>
internal sealed class ResettingServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _resetting;

    public ResettingServer()
    {
        _listener.Start();
        _resetting = ResetAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _resetting;
    }

    private async Task ResetAsync()
    {
        try
        {
            while (true)
            {
                using var socket = await _listener.AcceptSocketAsync();
                socket.LingerState = new LingerOption(true, 0);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            return; // Stopped.
        }
    }
}
