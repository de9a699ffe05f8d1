using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Outbound.Remote;
using Sluice.Server.Sessions;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Sessions;

/// <summary>The room that sessions are promised: as much as they need, and none that is not there.</summary>
public sealed class SessionScratchTests : IDisposable
{
    private readonly SluiceOptions _options = new() { Storage = { Data = Directory.CreateTempSubdirectory("sluice-test-").FullName } };

    public void Dispose() => Directory.Delete(_options.Storage.Data, recursive: true);

    [Fact]
    public void A_file_that_may_be_kept_whole_is_kept_to_its_last_byte()
    {
        const int Length = 300_000;
        using var room = new SessionScratch(_options).Take(Length);
        using var cache = room.NewCache();

        cache.Put(0, new byte[RemoteFile.BlockBytes]);
        cache.Put(1, new byte[Length - RemoteFile.BlockBytes]);

        (cache.Has(0), cache.Has(1)).ShouldBe((true, true));
    }

    [Fact]
    public async Task Encoded_chunks_have_their_own_bound_and_go_with_their_room_or_at_the_next_start()
    {
        (_options.Sessions.EncodedBytes, _options.Sessions.ScratchBytes) = (100, 250);
        var scratch = new SessionScratch(_options);
        using (var chunks = scratch.TakeChunks(1000))
        {
            scratch.TakenBytes.ShouldBe(100);
            (await chunks.MakeAsync(AssetId.New(), default)).ShouldNotBeNull();
            Folders().Length.ShouldBe(1);
        }

        (scratch.TakenBytes, Folders().Length).ShouldBe((0, 0));
        using var few = scratch.TakeChunks(60);
        scratch.TakenBytes.ShouldBe(60);
        using var more = scratch.TakeChunks(100);
        Should.Throw<SessionException>(() => scratch.TakeChunks(100)).Error.ShouldBe(ErrorCode.SessionsFull);
        await more.MakeAsync(AssetId.New(), default);

        new SessionScratch(_options).Clear();

        Folders().ShouldBeEmpty();
        string[] Folders() => Directory.GetDirectories(Path.Combine(_options.Storage.Data, "scratch"));
    }

    [Fact]
    public async Task What_a_killed_server_had_just_made_is_removed_and_nothing_else()
    {
        var scratch = new SessionScratch(_options);
        string[] left = [scratch.NewPath(), scratch.NewPath()];
        await File.WriteAllBytesAsync(left[0], [1]); // A cache is a file that has a name for a moment.
        await File.WriteAllBytesAsync(Path.Combine(Directory.CreateDirectory(left[1]).FullName, "part"), [1]);
        var others = Path.Combine(_options.Storage.Data, "scratch", "somebody's");
        await File.WriteAllBytesAsync(others, [1]);

        new SessionScratch(_options).Clear().ShouldBe(2);

        Directory.EnumerateFileSystemEntries(Path.Combine(_options.Storage.Data, "scratch")).ShouldBe([others]);
    }

    [Fact]
    public void What_was_promised_and_has_not_come_is_promised_to_nobody_else()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_options.Storage.Data, "scratch")).FullName;
        _options.Sessions.ScratchBytes = long.MaxValue;
        var half = new DriveInfo(folder).AvailableFreeSpace / 2;
        _options.Storage.ReserveBytes = 0;
        var scratch = new SessionScratch(_options);
        using var first = scratch.TakeNone();
        first.Grow(half + (half / 2));
        using var second = scratch.TakeNone();

        Should.Throw<SessionException>(() => second.Grow(half)).Error.ShouldBe(ErrorCode.DiskFull);

        first.FillsAs(() => half + (half / 2)); // As if that lay on the disk already, which is not as full as that.
        second.Grow(half);
        first.Dispose();
        second.Dispose();
        scratch.TakenBytes.ShouldBe(0);
    }

    [Fact]
    public void A_file_that_is_kept_whole_is_refused_where_it_can_never_be()
    {
        _options.Sessions.ScratchBytes = 1000;
        using var room = new SessionScratch(_options).TakeNone();

        var refused = Should.Throw<SessionException>(() => room.Grow(1001));

        refused.Error.ShouldBe(ErrorCode.DiskFull);
        refused.Message.ShouldBe("This one needs 1001 bytes, and all sessions together may keep 1000 (sessions.scratchBytes).");
        room.Bytes.ShouldBe(0);
    }

    [Fact]
    public async Task On_a_full_disk_what_is_kept_makes_room_for_what_comes()
    {
        using var disk = await SmallDisk.RequireAsync(1);
        using var cache = new BlockCache(Path.Combine(disk.Seen, "cache"), 64 << 10, 100);
        var kept = 0;
        do
        {
            cache.Put(kept, Block(kept));
            kept++;
        }
        while (kept < 100 && cache.Has(0));

        kept.ShouldBeLessThan(20, "the first one went for the last one");
        var bytes = cache.Bytes;
        for (var block = kept; block < kept + 50; block++)
        {
            cache.Put(block, Block(block));
            var read = new byte[64 << 10];
            cache.Read(block, 0, read).ShouldBe(read.Length);
            read.ShouldBe(Block(block));
        }

        cache.Bytes.ShouldBe(bytes);

        static byte[] Block(int number) => [.. Enumerable.Repeat((byte)number, 64 << 10)];
    }

    [Fact]
    public void What_is_never_to_be_filled_is_promised_to_nobody()
    {
        _options.Storage.ReserveBytes = long.MaxValue / 2;
        var scratch = new SessionScratch(_options);

        var refused = Should.Throw<SessionException>(() => scratch.Take(1));

        (refused.Error, refused.Message).ShouldBe((ErrorCode.DiskFull, "The disk has room for 0 bytes of what sessions keep, and this one needs 1."));
        scratch.TakenBytes.ShouldBe(0);
    }
}
