using Shouldly;
using Sluice.Server.Live;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Live;

/// <summary>One producer, any number of viewers, one budget.</summary>
public sealed class ChunkLogTests
{
    private const int Block = LogBlock.Room;

    [Fact]
    public void A_viewer_reads_from_the_newest_point_on_with_what_belongs_before_it()
    {
        var log = new ChunkLog(10 * Block);
        Write(log, 0, 1000);
        Point(log, 200, 1);
        Point(log, 600, 2);
        log.Publish();
        using var viewer = log.Join(default);

        Read(viewer).ShouldBe([2, .. Bytes(600, 1000)]);
        Write(log, 1000, 1100);
        viewer.TryRead(out _).ShouldBeFalse("not published yet");
        log.Publish();
        Read(viewer).ShouldBe(Bytes(1000, 1100));
        (viewer.Position, viewer.Skips, viewer.IsOver).ShouldBe((1100, 0, false));
    }

    [Fact]
    public async Task A_viewer_waits_for_the_first_point_and_for_news()
    {
        var log = new ChunkLog(10 * Block);
        using var viewer = log.Join(default);
        viewer.TryRead(out _).ShouldBeFalse();
        var waiting = viewer.WaitAsync();
        waiting.IsCompleted.ShouldBeFalse();

        Write(log, 0, 10);
        log.Publish();
        await waiting.WaitAsync(Eventually.Patience);
        viewer.TryRead(out _).ShouldBeFalse("there is no point yet");
        Point(log, 3, 7);
        log.Publish();

        Read(viewer).ShouldBe([7, .. Bytes(3, 10)]);
    }

    [Fact]
    public async Task News_between_looking_and_waiting_are_not_missed()
    {
        var log = new ChunkLog(10 * Block);
        Point(log, 0, 7);
        using var viewer = log.Join(default);
        Read(viewer).ShouldBe([7]);
        viewer.TryRead(out _).ShouldBeFalse();
        Write(log, 0, 10);
        log.Publish();

        await viewer.WaitAsync().WaitAsync(Eventually.Patience);
        Read(viewer).ShouldBe(Bytes(0, 10));
    }

    [Fact]
    public void What_lies_over_many_blocks_comes_out_whole()
    {
        var log = new ChunkLog(10 * Block);
        Point(log, 0, 7);
        using var viewer = log.Join(default);
        Write(log, 0, 300_000);
        log.Publish();

        Read(viewer).ShouldBe([7, .. Bytes(0, 300_000)]);
        Join(log.Slice(100_000, 250_000)).ShouldBe(Bytes(100_000, 250_000));
        log.Slice(299_000, 300_001).ShouldBeNull("it is not there yet");
    }

    [Fact]
    public void The_oldest_goes_when_the_budget_is_used_up()
    {
        var log = new ChunkLog(4 * Block);
        for (var at = 0; at < 40 * Block; at += 10_000)
        {
            log.BeginSegment(false, null);
            Write(log, at, at + 10_000);
            Point(log, at, 1);
            log.Publish();
            log.HeldBytes.ShouldBeLessThanOrEqualTo(4 * Block);
        }

        log.Tail.ShouldBeGreaterThan(35 * Block);
        log.Index.Points.ShouldAllBe(p => p.Position >= log.Tail);
        log.Index.Points.Length.ShouldBeGreaterThan(15);
        log.Index.Segments[0].Position.ShouldBeLessThanOrEqualTo(log.Tail);
        log.Index.Segments[1].Position.ShouldBeGreaterThan(log.Tail);
        log.Index.Segments[^1].Number.ShouldBe((40 * Block / 10_000) + (40 * Block % 10_000 == 0 ? -1 : 0));
        log.Slice(log.Tail - 1, log.Position).ShouldBeNull("its first byte has gone");
        Join(log.Slice(log.Tail, log.Position)).Length.ShouldBe((int)(log.Position - log.Tail));
    }

    [Fact]
    public async Task With_less_memory_it_shrinks_at_once_whoever_says_so_and_its_index_follows()
    {
        var log = new ChunkLog(20 * Block);
        for (var at = 0; at < 40 * Block; at += 10_000)
        {
            Point(log, at, 1);
            Write(log, at, at + 10_000);
            log.Publish();
        }

        await Task.Run(() => log.Resize(5 * Block), TestContext.Current.CancellationToken);

        log.HeldBytes.ShouldBe(5 * Block);
        log.Slice(log.Tail - 1, log.Position).ShouldBeNull();
        log.Publish();
        log.Index.Points.ShouldAllBe(p => p.Position >= log.Tail);
        log.Resize(0);
        log.HeldBytes.ShouldBe(ChunkLog.LeastBytes);
    }

    [Fact]
    public void A_viewer_that_is_too_slow_goes_on_at_the_newest_point()
    {
        var log = new ChunkLog(4 * Block);
        Point(log, 0, 1);
        using var slow = log.Join(default);
        Write(log, 0, 1000);
        log.Publish();
        Read(slow).Length.ShouldBe(1001);

        for (var at = 1000; at < 901_000; at += 10_000)
        {
            Write(log, at, at + 10_000);
            Point(log, at, 2);
            log.Publish();
        }

        Read(slow).ShouldBe([2, .. Bytes(891_000, 901_000)]);
        (slow.Skips, slow.SkippedBytes, slow.Position).ShouldBe((1, 890_000, 901_000));
    }

    [Fact]
    public void A_viewer_that_has_read_all_of_what_goes_misses_nothing()
    {
        var log = new ChunkLog(2 * Block);
        Point(log, 0, 1);
        using var viewer = log.Join(default);
        Write(log, 0, Block);
        log.Publish();
        Read(viewer).Length.ShouldBe(Block + 1);
        log.HeldBytes.ShouldBe(Block);
        Write(log, Block, (3 * Block) - 1000);
        log.Publish();
        log.Tail.ShouldBe(Block);

        Read(viewer).ShouldBe(Bytes(Block, (3 * Block) - 1000));
        viewer.Skips.ShouldBe(0);
    }

    [Fact]
    public void Bytes_that_a_viewer_holds_stay_as_they_are()
    {
        var log = new ChunkLog(2 * Block);
        Point(log, 0, 1);
        using var viewer = log.Join(default);
        viewer.TryRead(out _).ShouldBeTrue();
        Write(log, 0, 5000);
        log.Publish();
        viewer.TryRead(out var held).ShouldBeTrue();
        for (var at = 5000; at < 1_000_000; at += 10_000)
        {
            Write(log, at, at + 10_000);
            log.Publish();
        }

        held.ToArray().ShouldBe(Bytes(0, 5000));
    }

    [Fact]
    public async Task Of_a_stretch_that_is_sent_slowly_one_block_is_held_and_no_more()
    {
        var log = new ChunkLog(4 * Block);
        Write(log, 0, 3 * Block);
        log.Publish();
        var stretch = new LogStretch(log, 1000, 2 * Block);
        var pieces = new List<byte[]>();

        var isWhole = await stretch.ReadAsync(500, stretch.Length - 500, piece =>
        {
            for (var n = 0; n < 40; n++)
            {
                Write(log, 1, Block);
                log.Publish();
            }

            pieces.Add(piece.ToArray());
            return ValueTask.CompletedTask;
        });

        (isWhole, stretch.IsThere).ShouldBe((false, false));
        pieces.ShouldHaveSingleItem().ShouldBe(Bytes(1500, Block), "what is held stays as it is, and the next has gone");
    }

    [Fact]
    public async Task A_block_that_was_sent_is_used_again()
    {
        var log = new ChunkLog(4 * Block);
        Write(log, 0, 2 * Block);
        log.Publish();
        log.TryFind(0, out var first).ShouldBeTrue();

        (await new LogStretch(log, 0, Block).ReadAsync(0, Block, static _ => ValueTask.CompletedTask)).ShouldBeTrue();

        first!.Drop().ShouldNotBeNull("nobody holds it any more");
    }

    [Fact]
    public void Memory_that_nobody_holds_is_used_again()
    {
        var log = new ChunkLog(4 * Block);
        Point(log, 0, 1);
        using var viewer = log.Join(default);
        var before = 0L;
        for (var n = 0; n < 200; n++)
        {
            before = n == 10 ? GC.GetAllocatedBytesForCurrentThread() : before;
            log.GetSpan(Block);
            log.Advance(Block);
            log.Publish();
            while (viewer.TryRead(out _))
            {
            }
        }

        viewer.Skips.ShouldBe(0);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(2 * Block, "190 blocks were written");
    }

    [Fact]
    public void A_viewer_that_stands_still_does_not_keep_alive_what_came_after()
    {
        var log = new ChunkLog(2 * Block);
        Point(log, 0, 1);
        using var viewer = log.Join(default);
        Read(viewer);
        Write(log, 0, 1000);
        log.Publish();
        viewer.TryRead(out _).ShouldBeTrue();
        var later = WriteAndWatch(log);

        GC.Collect();
        GC.Collect();

        later.Count(block => block.IsAlive).ShouldBeLessThanOrEqualTo(3, "of thirty");
        viewer.TryRead(out _).ShouldBeFalse("it stood in the first");
        viewer.Skips.ShouldBe(1);
    }

    [Fact]
    public void The_end_comes_after_the_last_byte()
    {
        var log = new ChunkLog(10 * Block);
        Point(log, 0, 1);
        using var viewer = log.Join(default);
        using var late = log.Join(default);
        Write(log, 0, 100);
        log.Complete();

        Read(viewer).ShouldBe([1, .. Bytes(0, 100)]);
        (viewer.IsOver, late.IsOver).ShouldBe((true, false));
        Read(late).Length.ShouldBe(101);
        late.IsOver.ShouldBeTrue();
        using var none = new ChunkLog(Block).Join(default);
        none.TryRead(out _).ShouldBeFalse();
        none.IsOver.ShouldBeFalse();
    }

    [Fact]
    public async Task A_viewer_that_goes_is_woken()
    {
        var log = new ChunkLog(10 * Block);
        using var leaving = new CancellationTokenSource();
        using var viewer = log.Join(leaving.Token);
        viewer.TryRead(out _).ShouldBeFalse();
        var waiting = viewer.WaitAsync();

        await leaving.CancelAsync();

        await waiting.WaitAsync(Eventually.Patience);
        Should.Throw<OperationCanceledException>(() => viewer.TryRead(out _));
    }

    private static List<WeakReference> WriteAndWatch(ChunkLog log)
    {
        var blocks = new List<WeakReference>();
        for (var n = 0; n < 30; n++)
        {
            Write(log, 0, Block - 1);
            log.Publish();
            log.TryFind(log.Position - 1, out var block).ShouldBeTrue();
            blocks.Add(new WeakReference(block));
        }

        return blocks;
    }

    /// <summary>The byte at a position is that position, in its last eight bits of a prime's multiple.</summary>
    internal static byte[] Bytes(long from, long to) => [.. Enumerable.Range(0, (int)(to - from)).Select(n => (byte)((from + n) * 31 >> 3))];

    internal static void Write(ChunkLog log, long from, long to)
    {
        var bytes = Bytes(from, to).AsSpan();
        while (!bytes.IsEmpty)
        {
            var room = log.GetSpan(1);
            var count = Math.Min(room.Length, bytes.Length);
            bytes[..count].CopyTo(room);
            log.Advance(count);
            bytes = bytes[count..];
        }
    }

    internal static void Point(ChunkLog log, long position, byte join) => log.AddPoint(new LogPoint(position, null, new[] { join }));

    private static byte[] Read(LogCursor viewer)
    {
        var all = new List<byte>();
        while (viewer.TryRead(out var bytes))
        {
            all.AddRange(bytes.Span);
        }

        return [.. all];
    }

    private static byte[] Join(IReadOnlyList<ReadOnlyMemory<byte>>? pieces) => [.. pieces.ShouldNotBeNull().SelectMany(p => p.ToArray())];
}
