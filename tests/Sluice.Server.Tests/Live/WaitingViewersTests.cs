using Shouldly;
using Sluice.Server.Live;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Live;

/// <summary>What a thousand viewers cost who wait.</summary>
[Collection(nameof(Alone))]
public sealed class WaitingViewersTests(ITestOutputHelper output)
{
    private const int Viewers = 1000;
    private const int Packet = 188;
    private const double MostBytes = 4096;

    [Fact]
    public async Task A_viewer_that_waits_costs_next_to_nothing()
    {
        var log = new ChunkLog(1 << 20);
        log.AddPoint(new LogPoint(0, null, default));
        using var leaving = new CancellationTokenSource();
        var counts = new int[Viewers];
        var viewers = Enumerable.Range(0, Viewers).Select(n => Task.Run(() => CountAsync(log, counts, n, leaving.Token))).ToArray();

        // As long as it takes to begin with a thousand of anything.
        (await Eventually.Holds(() =>
        {
            Publish();
            return counts.All(static c => c > 1);
        })).ShouldBeTrue();

        // Forty publications a second is what a channel of 20 Mbit/s has in pieces of 64 KiB. Memory of the process is what can be
        // counted, so one window in which it is that little is enough.
        var best = double.MaxValue;
        for (var window = 0; window < 25 && best >= MostBytes; window++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            for (var n = 0; n < 40; n++)
            {
                Publish();
                await Task.Delay(10);
            }

            best = Math.Min(best, (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Viewers);
        }

        output.WriteLine($"{best:0} bytes a viewer and second");
        best.ShouldBeLessThan(MostBytes);
        await leaving.CancelAsync();
        await Task.WhenAll(viewers).WaitAsync(Eventually.Patience);

        void Publish()
        {
            log.GetSpan(Packet);
            log.Advance(Packet);
            log.Publish();
        }
    }

    private static async Task CountAsync(ChunkLog log, int[] counts, int n, CancellationToken ct)
    {
        using var viewer = log.Join(ct);
        try
        {
            while (true)
            {
                if (viewer.TryRead(out _))
                {
                    counts[n]++;
                }
                else
                {
                    await viewer.WaitAsync();
                }
            }
        }
        catch (OperationCanceledException)
        {
            ct.IsCancellationRequested.ShouldBeTrue();
        }
    }
}
