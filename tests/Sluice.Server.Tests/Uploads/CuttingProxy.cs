using System.Net;
using System.Net.Sockets;

namespace Sluice.Server.Tests.Uploads;

/// <summary>A line that breaks: passes bytes on to a server, which may change, and cuts every connection after a few hundred kilobytes.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Random _random = new(5);
    private readonly int _least;
    private readonly int _most;
    private readonly Task _accepting;
    private long _passed;
    private int _cuts;

    /// <param name="least">Fewest bytes of a client before a cut.</param>
    /// <param name="most">Most.</param>
    public CuttingProxy(int least, int most)
    {
        (_least, _most) = (least, most);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where the server is; 0 while there is none.</summary>
    public int Target { get; set; }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Bytes of clients that were passed on.</summary>
    public long Passed => Interlocked.Read(ref _passed);

    public int Cuts => Volatile.Read(ref _cuts);

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
                _ = PassAsync(await _listener.AcceptTcpClientAsync(_end.Token), _random.Next(_least, _most));
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }

    private async Task PassAsync(TcpClient client, int budget)
    {
        using var server = new TcpClient();
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, Target);
            var back = server.GetStream().CopyToAsync(client.GetStream(), _end.Token);
            var there = ThereAsync(client, server, budget);
            await Task.WhenAny(back, there);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ArgumentOutOfRangeException)
        {
            // Nobody is there, or it was cut: what it is for.
        }
        finally
        {
            // Without a word, to both.
            client.LingerState = server.LingerState = new LingerOption(true, 0);
            client.Close();
        }
    }

    private async Task ThereAsync(TcpClient client, TcpClient server, int budget)
    {
        var buffer = new byte[16 * 1024];
        int count;
        while ((count = await client.GetStream().ReadAsync(buffer, _end.Token)) > 0)
        {
            var passed = Math.Min(count, budget);
            await server.GetStream().WriteAsync(buffer.AsMemory(0, passed), _end.Token);
            Interlocked.Add(ref _passed, passed);
            if ((budget -= passed) == 0)
            {
                // A reset also takes from the server what it has not read yet; a moment, and that is little.
                Interlocked.Increment(ref _cuts);
                await Task.Delay(30, _end.Token);
                return;
            }
        }
    }
}
