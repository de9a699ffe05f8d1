using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sluice.Server.Tests.Catalog;

/// <summary>Stands before a PostgreSQL server and cuts lines on demand.</summary>
internal sealed class PostgresProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly int _target;
    private readonly Task _accepting;
    private string? _swallow;
    private bool _passes;
    private int _swallowed;

    public PostgresProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Requests that were cut.</summary>
    public int Swallowed => Volatile.Read(ref _swallowed);

    /// <summary>Cuts the line of the next request that has this text in it.</summary>
    /// <param name="text">What it has.</param>
    /// <param name="passes">The server gets it, and does it; only its answer is lost. Else it is lost itself.</param>
    public void Swallow(string text, bool passes) => (_passes, _swallow) = (passes, text);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = PassAsync(await _listener.AcceptTcpClientAsync(_end.Token));
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }

    private async Task PassAsync(TcpClient client)
    {
        using var server = new TcpClient();
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _target);
            var isCut = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var back = BackAsync(client, server, isCut);
            await Task.WhenAny(ThereAsync(client, server, isCut), back);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // It was cut: what it is for.
        }
        finally
        {
            client.LingerState = server.LingerState = new LingerOption(true, 0);
            client.Close();
        }
    }

    private async Task ThereAsync(TcpClient client, TcpClient server, TaskCompletionSource isCut)
    {
        var buffer = new byte[64 * 1024];
        int count;
        while ((count = await client.GetStream().ReadAsync(buffer, _end.Token)) > 0)
        {
            if (_swallow is { } text && Encoding.ASCII.GetString(buffer, 0, count).Contains(text, StringComparison.Ordinal)
                && Interlocked.CompareExchange(ref _swallow, null, text) == text)
            {
                Interlocked.Increment(ref _swallowed);
                if (!_passes)
                {
                    return;
                }

                isCut.SetResult();
            }

            await server.GetStream().WriteAsync(buffer.AsMemory(0, count), _end.Token);
        }
    }

    /// <summary>The answer to what is swallowed shows that it was done; then the line ends.</summary>
    private async Task BackAsync(TcpClient client, TcpClient server, TaskCompletionSource isCut)
    {
        var buffer = new byte[64 * 1024];
        int count;
        while ((count = await server.GetStream().ReadAsync(buffer, _end.Token)) > 0)
        {
            if (isCut.Task.IsCompleted)
            {
                return;
            }

            await client.GetStream().WriteAsync(buffer.AsMemory(0, count), _end.Token);
        }
    }
}
