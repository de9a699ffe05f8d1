using System.Diagnostics;

namespace Sluice.Bench.Live;

/// <summary>Takes all that a channel sends, and counts it.</summary>
internal sealed class LiveReader : IAsyncDisposable
{
    private const int BufferBytes = 64 * 1024;

    private static readonly HttpClient Http = new() { Timeout = Timeout.InfiniteTimeSpan };

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _reading;
    private long _bytes;

    private LiveReader(Func<CancellationToken, Task<Stream>> open) => _reading = ReadAsync(open);

    /// <summary>What came so far.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Of an endless body.</summary>
    public static LiveReader Of(Uri address) => new(ct => Http.GetStreamAsync(address, ct));

    /// <summary>Of what a process writes.</summary>
    public static LiveReader Of(Process process) => new(_ => Task.FromResult(process.StandardOutput.BaseStream));

    /// <summary>Goes away.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading;
        _stop.Dispose();
    }

    private async Task ReadAsync(Func<CancellationToken, Task<Stream>> open)
    {
        var buffer = new byte[BufferBytes];
        try
        {
            await using var body = await open(_stop.Token);
            while (await body.ReadAsync(buffer, _stop.Token) is > 0 and var count)
            {
                Interlocked.Add(ref _bytes, count);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return; // It was told to.
        }
    }
}
