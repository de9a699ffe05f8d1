using System.Diagnostics;
using Shouldly;
using Sluice.Server.Live;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Live;

/// <summary>A thousand viewers of one log, and what they cost.</summary>
public sealed class ChunkLogStressTests(ITestOutputHelper output)
{
    private const int Viewers = 1000;
    private const int Packet = 188;

    [Fact]
    public async Task A_thousand_viewers_get_every_byte_in_order_or_skip_to_a_point()
    {
        var log = new ChunkLog(1 << 20);
        var viewers = Enumerable.Range(0, Viewers).Select(n => Task.Run(() => WatchAsync(log, isSlow: n % 10 == 0, joinAt: n / 5))).ToArray();

        // Numbered packets, a point every hundred, as fast as it goes with a breath between.
        var started = Stopwatch.GetTimestamp();
        var number = 0;
        while (Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(2))
        {
            for (var i = 0; i < 50; i++, number++)
            {
                if (number % 100 == 0)
                {
                    log.AddPoint(new LogPoint(log.Position, null, Numbered(-1)));
                }

                Numbered(number).CopyTo(log.GetSpan(Packet));
                log.Advance(Packet);
            }

            log.Publish();
            log.HeldBytes.ShouldBeLessThanOrEqualTo(1 << 20);
            await Task.Delay(1);
        }

        log.Complete();
        var results = await Task.WhenAll(viewers).WaitAsync(Eventually.Patience);

        results.ShouldAllBe(r => r.Mistake == null);
        results.ShouldAllBe(r => r.Last == number - 1);
        output.WriteLine($"{number} packets, {results.Sum(r => r.Packets)} read, {results.Sum(r => r.Skips)} skips");
        results.Where((_, n) => n % 10 != 0).Sum(r => (long)r.Packets).ShouldBeGreaterThan(number * 10L);
    }

    [Fact]
    public async Task A_viewer_that_reads_just_when_a_block_ends_misses_nothing()
    {
        // No breath is taken, and a block ends at every third publication.
        const int piece = 20_000;
        const int pieces = 10_000;
        var log = new ChunkLog(2L * pieces * piece);
        log.AddPoint(new LogPoint(0, null, default));
        var producing = Task.Run(() =>
        {
            for (var n = 0; n < pieces; n++)
            {
                log.GetSpan(piece)[..piece].Fill((byte)n);
                log.Advance(piece);
                log.Publish();
            }

            log.Complete();
        });
        using var viewer = log.Join(default);
        var read = 0L;
        while (!viewer.IsOver)
        {
            if (!viewer.TryRead(out var bytes))
            {
                continue;
            }

            foreach (var b in bytes.Span)
            {
                if (b != (byte)(read++ / piece))
                {
                    Assert.Fail($"byte {read - 1} is another");
                }
            }
        }

        await producing;
        read.ShouldBe((long)pieces * piece);
    }

    [Fact]
    public void Reading_and_waiting_allocates_nothing()
    {
        var log = new ChunkLog(1 << 20);
        log.AddPoint(new LogPoint(0, null, default));
        var viewers = Enumerable.Range(0, Viewers).Select(_ => log.Join(default)).ToList();
        Round(log, viewers);
        var reading = 0L;
        for (var round = 0; round < 100; round++)
        {
            log.GetSpan(Packet);
            log.Advance(Packet);
            log.Publish();
            var before = GC.GetAllocatedBytesForCurrentThread();
            foreach (var viewer in viewers)
            {
                while (viewer.TryRead(out _))
                {
                }

                _ = viewer.WaitAsync();
            }

            reading += GC.GetAllocatedBytesForCurrentThread() - before;
        }

        reading.ShouldBe(0);
    }

    private static void Round(ChunkLog log, List<LogCursor> viewers)
    {
        log.Publish();
        foreach (var viewer in viewers)
        {
            while (viewer.TryRead(out _))
            {
            }
        }
    }

    private static async Task<Result> WatchAsync(ChunkLog log, bool isSlow, int joinAt)
    {
        await Task.Delay(joinAt);
        using var viewer = log.Join(default);
        var result = new Result(0, -1, 0, null);
        var follows = false;
        while (!viewer.IsOver && result.Mistake is null)
        {
            if (viewer.TryRead(out var bytes))
            {
                (result, follows) = Check(bytes.Span, result, follows);
                await Task.Delay(isSlow ? 200 : 0);
            }
            else
            {
                await viewer.WaitAsync();
            }
        }

        return result with { Skips = viewer.Skips };
    }

    private static (Result Result, bool Follows) Check(ReadOnlySpan<byte> bytes, Result result, bool follows)
    {
        for (; !bytes.IsEmpty; bytes = bytes[Packet..])
        {
            var number = bytes.Length < Packet ? int.MinValue : BitConverter.ToInt32(bytes);
            if (number == -1)
            {
                follows = false;
                continue;
            }

            if (follows ? number != result.Last + 1 : number % 100 != 0 || number <= result.Last)
            {
                return (result with { Mistake = $"{number} after {result.Last}" }, follows);
            }

            result = result with { Packets = result.Packets + 1, Last = number };
            follows = true;
        }

        return (result, follows);
    }

    private static byte[] Numbered(int number)
    {
        var packet = new byte[Packet];
        BitConverter.TryWriteBytes(packet, number);
        return packet;
    }

    private sealed record Result(int Packets, int Last, int Skips, string? Mistake);
}
