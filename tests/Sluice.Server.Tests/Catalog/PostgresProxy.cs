using System.Collections.Concurrent;
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
    private readonly ConcurrentDictionary<TcpClient, bool> _clients = new();
    private bool _passes;
    private bool _forGood;
    private string _after = "";
    private bool _isOpen = true;
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
    /// <param name="forGood">Every line is cut from then on, until <see cref="IsOpen"/> says otherwise.</param>
    /// <param name="after">Only on a line on which something with this text in it was asked before.</param>
    public void Swallow(string text, bool passes, bool forGood = false, string after = "") => (_passes, _forGood, _after, _swallow) = (passes, forGood, after, text);

    /// <summary>Lets lines through, or cuts all.</summary>
    public bool IsOpen
    {
        get => Volatile.Read(ref _isOpen);
        set
        {
            Volatile.Write(ref _isOpen, value);
            if (!value)
            {
                foreach (var client in _clients.Keys)
                {
                    client.Close();
                }
            }
        }
    }

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
        _clients[client] = true;
        try
        {
            if (!IsOpen)
            {
                return;
            }

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
            _clients.TryRemove(client, out _);
            client.LingerState = server.LingerState = new LingerOption(true, 0);
            client.Close();
        }
    }

    private async Task ThereAsync(TcpClient client, TcpClient server, TaskCompletionSource isCut)
    {
        var buffer = new byte[64 * 1024];
        var isAfter = false;
        int count;
        while ((count = await client.GetStream().ReadAsync(buffer, _end.Token)) > 0)
        {
            var asked = Encoding.ASCII.GetString(buffer, 0, count);
            isAfter |= _swallow is not null && asked.Contains(_after, StringComparison.Ordinal);
            if (_swallow is { } text && isAfter && asked.Contains(text, StringComparison.Ordinal)
                && Interlocked.CompareExchange(ref _swallow, null, text) == text)
            {
                Interlocked.Increment(ref _swallowed);
                Volatile.Write(ref _isOpen, !_forGood);
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
