using System.Net;
using System.Net.Sockets;

namespace Sluice.Server.Tests.Jobs.RabbitMq;

/// <summary>The network between a node and its broker, which can be cut.</summary>
internal sealed class CutLine : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private readonly List<TcpClient> _ends = [];
    private readonly Task _accepting;
    private readonly int _to;
    private bool _isCut;

    public CutLine(int to)
    {
        _to = to;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Breaks all connections and lets none through, until <see cref="Mend"/>.</summary>
    public void Cut()
    {
        lock (_gate)
        {
            _isCut = true;
            Close();
        }
    }

    public void Mend()
    {
        lock (_gate)
        {
            _isCut = false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        Cut();
        await _accepting;
        _end.Dispose();
    }

    private void Close()
    {
        foreach (var end in _ends)
        {
            end.Client?.Close(0); // At once, as when the other machine has gone.
            end.Dispose();
        }

        _ends.Clear();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var near = await _listener.AcceptTcpClientAsync(_end.Token);
                var far = new TcpClient();
                lock (_gate)
                {
                    _ends.AddRange([near, far]);
                    if (_isCut)
                    {
                        Close();
                        continue;
                    }
                }

                _ = PassAsync(near, far);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test has ended.
        }
    }

    private async Task PassAsync(TcpClient near, TcpClient far)
    {
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, _to, _end.Token);
            var (one, other) = (near.GetStream(), far.GetStream());
            await Task.WhenAny(one.CopyToAsync(other, _end.Token), other.CopyToAsync(one, _end.Token));
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            // Cut.
        }

        near.Dispose();
        far.Dispose();
    }
}
