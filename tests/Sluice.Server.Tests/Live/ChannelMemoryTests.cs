using Shouldly;
using Sluice.Server.Live;
using Xunit;

namespace Sluice.Server.Tests.Live;

/// <summary>The parts of a channel's memory fit together, and what one takes the logs give.</summary>
public sealed class ChannelMemoryTests
{
    private const int Block = LogBlock.Room;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(16)]
    [InlineData(4096)]
    public void When_everything_is_as_large_as_it_may_be_it_fits(long megabytes)
    {
        var memory = new ChannelMemory(megabytes << 20);
        foreach (var wanted in Enumerable.Range(1, 32))
        {
            Held(memory.Downloads(wanted, 4, 4)).ShouldBeLessThanOrEqualTo(memory.DownloadBytes);
            (Held(memory.Downloads(wanted, 3, 4)) + Held(memory.Downloads(Math.Max(1, wanted / 4), 1, 4))).ShouldBeLessThanOrEqualTo(memory.DownloadBytes);
        }

        (memory.DownloadBytes + memory.MuxerBytes + (4 * memory.MapBytes) + (3 * ChunkLog.LeastBytes)).ShouldBeLessThanOrEqualTo(memory.BudgetBytes);
        memory.DownloadBytes.ShouldBeLessThanOrEqualTo(memory.BudgetBytes / 2);
        (memory.PictureBytes + memory.HoldBytes).ShouldBeInRange(200 * 1024, (int)Math.Min(memory.MuxerBytes, int.MaxValue), "a key picture of a megabit fits, and what is held behind it");
        new ChannelMemory(16 << 20).Downloads(4, 4, 4).ShouldBe((4, (2 << 20) - Block), "the usual ones are not held up");
    }

    [Fact]
    public void What_is_taken_the_log_gives_at_once_and_gets_back()
    {
        var memory = new ChannelMemory(40 * Block);
        Fill(memory.Main, 60);
        memory.HeldBytes.ShouldBe(40 * Block);

        memory.Take(15 * Block);
        (memory.Main.HeldBytes, memory.HeldBytes).ShouldBe((25 * Block, 40 * Block));
        memory.Give(15 * Block);
        Fill(memory.Main, 60);

        (memory.TakenBytes, memory.HeldBytes).ShouldBe((0, 40 * Block));
    }

    [Fact]
    public void Logs_share_and_one_that_is_fed_no_more_gives_way_as_the_others_grow()
    {
        var memory = new ChannelMemory(86 * Block);
        var (video, audio) = (new ChunkLog(0), new ChunkLog(0));
        memory.Add(video, 4);
        memory.Add(audio, 1);
        Fill(memory.Main, 100);
        Fill(video, 100);
        Fill(audio, 100);
        (memory.Main.HeldBytes / Block, video.HeldBytes / Block, audio.HeldBytes / Block).ShouldBe((32, 42, 12), "two each, and of what is left their eighths");

        memory.Retire();
        memory.HeldBytes.ShouldBeGreaterThan(80 * Block, "nobody needs the room yet");
        Fill(memory.Main, 20, memory);
        memory.HeldBytes.ShouldBeLessThanOrEqualTo(86 * Block);
        video.HeldBytes.ShouldBeGreaterThan(15 * Block);
        Fill(memory.Main, 100, memory);

        memory.HeldBytes.ShouldBeLessThanOrEqualTo(86 * Block);
        (video.HeldBytes, audio.HeldBytes).ShouldBe((2 * Block, 2 * Block));
        memory.Main.HeldBytes.ShouldBeGreaterThan(80 * Block);
    }

    private static long Held((int Parallel, long MostHeldBytes) downloads) => downloads.Parallel * (downloads.MostHeldBytes + ByteFetch.PieceBytes);

    /// <summary>Writes so many blocks, and lets downloads take and give meanwhile, as they do.</summary>
    private static void Fill(ChunkLog log, int blocks, ChannelMemory? memory = null)
    {
        for (var n = 0; n < blocks; n++)
        {
            log.GetSpan(Block).Fill(1);
            log.Advance(Block);
            log.Publish();
            memory?.Take(0);
        }
    }
}
