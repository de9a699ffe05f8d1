using Shouldly;
using Sluice.Server.Ingest.Chunks;
using Xunit;

namespace Sluice.Server.Tests.Uploads;

/// <summary>What is remembered of the chunks of an upload.</summary>
public sealed class ChunkBoardTests
{
    [Fact]
    public void An_upload_that_was_only_announced_costs_next_to_nothing()
    {
        _ = new ChunkBoard(1, []); // What the first one costs is the runtime's.
        var before = GC.GetAllocatedBytesForCurrentThread();
        var board = new ChunkBoard(ChunkedUploads.MostChunks, []);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(10_000);
        board.MissingNumbers().Length.ShouldBe(ChunkedUploads.MostChunks);
    }

    [Fact]
    public void Chunks_count_once_with_the_size_that_they_had_last()
    {
        var board = new ChunkBoard(3, [(0, 10), (7, 1000)]);
        (board.Received, board.Bytes, board.BytesBesides(0), board.BytesBesides(1)).ShouldBe((1, 10, 0, 10));
        board.MissingNumbers().ShouldBe([1, 2]);
        board.TryPlace(1, 0, () => { }).ShouldBeTrue();
        board.TryPlace(0, 4, () => { }).ShouldBeTrue();
        (board.Received, board.Bytes, board.TrySeal()).ShouldBe((2, 4, false));
        board.TryPlace(2, 5, () => { }).ShouldBeTrue();
        (board.Bytes, board.TrySeal()).ShouldBe((9, true));
        board.TryPlace(2, 6, () => throw new InvalidOperationException("It is sealed.")).ShouldBeFalse();
    }
}
