using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Outbound;
using Sluice.Server.Outbound.Remote;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Outbound.Remote;

/// <summary>A file on another server that is read by range: its bytes are right, each comes once, and no more come than are read.</summary>
public sealed class RemoteFileTests : IAsyncLifetime
{
    private const int Block = RemoteFile.BlockBytes;

    /// <summary>Requests that one server is sent at the same time.</summary>
    private const int AtATime = 6;

    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-test-").FullName;
    private readonly FastClock _clock = new(20);
    private readonly RangeOrigin.Pattern _film = new(64L << 20);
    private OutboundFetcher _fetcher = null!;
    private RangeOrigin _origin = null!;

    public async ValueTask InitializeAsync()
    {
        _fetcher = new OutboundFetcher(
            new CheckedConnector(new SluiceOptions { Outbound = { Allow = ["127.0.0.1/32"] } }, NameResolution.System, TimeProvider.System), TimeProvider.System);
        _origin = await RangeOrigin.StartAsync();
        _origin.Content = _film;
    }

    public async ValueTask DisposeAsync()
    {
        await _origin.DisposeAsync();
        _fetcher.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Any_bytes_are_those_of_the_file()
    {
        await using var file = await OpenAsync(blocks: 8);
        var random = new Random(7);
        for (var i = 0; i < 60; i++)
        {
            var offset = random.NextInt64(_film.Length);
            var count = random.Next(1, 3 * Block);
            (await ReadAsync(file, offset, count)).AsSpan().SequenceEqual(_film.Bytes(offset, count)).ShouldBeTrue($"at {offset}");
        }

        (await file.ReadAsync(_film.Length, new byte[1], default)).ShouldBe(0);
        (await ReadAsync(file, _film.Length - 5, 10)).ShouldBe(_film.Bytes(_film.Length - 5, 5));
    }

    [Fact]
    public async Task Ten_readers_of_one_place_are_one_request()
    {
        await using var file = await OpenAsync();
        var before = _origin.Asked.Count;

        var read = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => ReadAsync(file, 30 * Block, 1000)));

        read.ShouldAllBe(bytes => bytes.SequenceEqual(_film.Bytes(30 * Block, 1000)));
        (_origin.Asked.Count - before, file.FetchedBytes).ShouldBe((1, 2 * Block)); // The beginning is the other one.
    }

    [Fact]
    public async Task A_seek_fetches_one_block_and_reading_on_fetches_ahead()
    {
        await using var file = await OpenAsync();
        await ReadAsync(file, 100 * Block, 10);
        file.FetchedBytes.ShouldBe(2 * Block);

        await ReadAsync(file, 100 * Block, 40 * Block);

        file.FetchedBytes.ShouldBeLessThanOrEqualTo((1 + 40 + 16) * Block);
        file.Requests.ShouldBeLessThan(12);
    }

    [Fact]
    public async Task No_more_is_kept_than_was_said_and_what_was_read_last_stays()
    {
        await using var file = await OpenAsync(blocks: 4);
        foreach (var block in (int[])[10, 20, 30, 40, 50])
        {
            await ReadAsync(file, block * (long)Block, 10);
        }

        var fetched = file.FetchedBytes;
        await ReadAsync(file, 50L * Block, 10);
        await ReadAsync(file, 20L * Block, 10);
        file.FetchedBytes.ShouldBe(fetched);
        await ReadAsync(file, 10L * Block, 10);
        file.FetchedBytes.ShouldBe(fetched + Block);
        Directory.EnumerateFileSystemEntries(_folder).ShouldBeEmpty("the cache has no name on the disk that a killed server could leave");
    }

    [Fact]
    public async Task A_file_that_becomes_another_is_an_error_and_not_a_mixture()
    {
        await using var file = await OpenAsync();
        await ReadAsync(file, 0, 10);

        (_origin.Content, _origin.Tag) = (new RangeOrigin.Pattern(_film.Length, salt: 1), "\"v2\"");

        (await FailureAsync(file, 20 * Block)).Message.ShouldBe(RemoteFileException.Changed);
        file.Fault.ShouldBe(RemoteFileException.Changed);
        _origin.Tag = "\"v1\"";
        (await FailureAsync(file, 21 * Block)).Message.ShouldBe(RemoteFileException.Changed); // Once changed, it stays so.
    }

    [Theory]
    [InlineData(63L << 20, "\"v1\"")]
    [InlineData(65L << 20, "\"v1\"")]
    [InlineData(64L << 20, "\"v2\"")]
    public async Task Another_length_or_tag_is_another_file_even_where_parts_are_given_unasked(long length, string tag)
    {
        await using var file = await OpenAsync();
        _origin.Content = new RangeOrigin.Pattern(length);
        _origin.Tag = tag;

        (await FailureAsync(file, 20 * Block)).Message.ShouldBe(RemoteFileException.Changed);
    }

    [Fact]
    public async Task A_broken_connection_and_a_busy_server_are_got_over()
    {
        await using var file = await OpenAsync();
        _origin.CutsNextAfter = 100_000;
        (await ReadAsync(file, 12 * Block, 2000)).ShouldBe(_film.Bytes(12 * Block, 2000));

        _origin.Statuses.Enqueue(503);
        _origin.Statuses.Enqueue(429);
        (await ReadAsync(file, 14 * Block, 2000)).ShouldBe(_film.Bytes(14 * Block, 2000));
    }

    [Fact]
    public async Task A_server_that_stays_away_is_told_and_may_come_back()
    {
        await using var file = await OpenAsync();
        for (var i = 0; i < 3; i++)
        {
            _origin.Statuses.Enqueue(503);
        }

        (await FailureAsync(file, 12 * Block)).Message.ShouldBe("The other server answered with status 503.");
        file.Fault.ShouldBeNull();
        (await ReadAsync(file, 12 * Block, 2000)).ShouldBe(_film.Bytes(12 * Block, 2000));
    }

    [Fact]
    public async Task Redirects_are_followed_once()
    {
        await using var file = await OpenAsync(url: $"{_origin.Home}moved");
        _origin.Asked.Count.ShouldBe(2);

        await ReadAsync(file, 12 * Block, 10);
        await ReadAsync(file, 34 * Block, 10);
        _origin.Asked.Count.ShouldBe(4, "each request went where the first was sent to");

        _origin.Statuses.Enqueue(403); // The signed address has expired.
        (await ReadAsync(file, 56 * Block, 10)).ShouldBe(_film.Bytes(56 * Block, 10));
        _origin.Asked.Select(a => a.Path).TakeLast(2).ShouldBe(["/moved", "/films/long%20one.mp4"]);
        var asked = _origin.Asked.Count;
        await ReadAsync(file, 78 * Block, 10);
        _origin.Asked.Count.ShouldBe(asked + 1, "and where the first address leads to now is asked directly again");
    }

    [Fact]
    public async Task Who_gives_up_takes_nothing_from_who_waits_on()
    {
        await using var file = await OpenAsync();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _origin.Gate = gate.Task;
        using var leaves = new CancellationTokenSource();
        var one = ReadAsync(file, 12 * Block, 10, leaves.Token);
        var other = ReadAsync(file, 12 * Block, 10);

        await leaves.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(one);
        gate.SetResult();

        (await other).ShouldBe(_film.Bytes(12 * Block, 10));
        _origin.Asked.Count.ShouldBe(2);
    }

    [Fact]
    public async Task What_everybody_gave_up_does_not_stand_in_the_way_of_what_is_wanted()
    {
        await using var file = await OpenAsync();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _origin.Gate = gate.Task;
        using var leaves = new CancellationTokenSource();
        var seeks = Enumerable.Range(1, 40).Select(n => ReadAsync(file, 5 * n * Block, 10, leaves.Token)).ToList();
        await Eventually.Holds(() => _origin.Asked.Count == 1 + AtATime);

        await leaves.CancelAsync();
        foreach (var seek in seeks)
        {
            await Should.ThrowAsync<OperationCanceledException>(seek);
        }

        var wanted = ReadAsync(file, 33 * Block, 10);
        gate.SetResult();
        (await wanted).ShouldBe(_film.Bytes(33 * Block, 10));

        _origin.Asked.Count.ShouldBe(1 + AtATime + 1, "only what had been asked already when it was given up, and what is wanted");
        (await ReadAsync(file, 100 * Block, 10)).ShouldBe(_film.Bytes(100 * Block, 10)); // What was given up while it waited can be had.
        file.Requests.ShouldBeLessThanOrEqualTo(1 + AtATime + 2);
    }

    [Fact]
    public async Task What_is_fetched_ahead_ends_with_who_read_on()
    {
        await using var file = await OpenAsync();
        await ReadAsync(file, 0, 16 * Block);
        (await Eventually.Holds(() => file.FetchedBytes == 31 * Block)).ShouldBeTrue("runs of 1, 2, 4, 8 and 16 blocks");
        await ReadAsync(file, 30 * Block, 10); // The last of them may be on its way from the line to the cache.
        var (fetched, asked) = (file.FetchedBytes, _origin.Asked.Count);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _origin.Gate = gate.Task;
        using var leaves = new CancellationTokenSource();
        var reading = ReadAsync(file, fetched, 10, leaves.Token);
        await Eventually.Holds(() => _origin.Asked.Count == asked + 1);
        _origin.Asked.Last().Range.ShouldBe($"bytes={fetched}-{fetched + (16 * Block) - 1}");

        await leaves.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(reading);
        gate.SetResult();

        (await Eventually.Holds(() => file.FetchedBytes == fetched + Block)).ShouldBeTrue("the block that was on its way is kept");
        (await Eventually.Holds(() => Task.FromResult(file.FetchedBytes > fetched + Block), seconds: 1)).ShouldBeFalse();
        await ReadAsync(file, fetched, 10);
        _origin.Asked.Count.ShouldBe(asked + 1);
        (await ReadAsync(file, fetched + Block, 10)).ShouldBe(_film.Bytes(fetched + Block, 10));
    }

    [Fact]
    public async Task Who_comes_back_in_time_finds_what_he_waited_for_on_its_way()
    {
        await using var file = await OpenAsync();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _origin.Gate = gate.Task;
        using var leaves = new CancellationTokenSource();
        var first = ReadAsync(file, 12 * Block, 10, leaves.Token);
        await Eventually.Holds(() => _origin.Asked.Count == 2);
        await leaves.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(first);

        var again = ReadAsync(file, 12 * Block, 10);
        gate.SetResult();

        (await again).ShouldBe(_film.Bytes(12 * Block, 10));
        _origin.Asked.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Who_waits_when_it_ends_is_told()
    {
        var file = await OpenAsync();
        _origin.Gate = new TaskCompletionSource().Task;
        var waiting = ReadAsync(file, 12 * Block, 10);
        await Eventually.Holds(() => _origin.Asked.Count == 2);

        await file.DisposeAsync();

        (await Should.ThrowAsync<RemoteFileException>(waiting)).Message.ShouldBe(RemoteFileException.Ended);
        (await FailureAsync(file, 13 * Block)).Message.ShouldBe(RemoteFileException.Ended);
        (await FailureAsync(file, 0)).Message.ShouldBe(RemoteFileException.Ended);
    }

    private async Task<RemoteFile> OpenAsync(int blocks = 256, string? url = null)
    {
        var address = RangeOrigin.Parse(url ?? _origin.Url);
        var beginning = await RemoteBeginning.AskAsync(_fetcher, address, BlockFetch.Limits, default);
        var cache = new BlockCache(Path.Combine(_folder, Guid.NewGuid().ToString("n")), Block, blocks);
        return new RemoteFile(new BlockFetch(_fetcher, address, beginning.Facts.ShouldNotBeNull(), _clock), cache, beginning.Head);
    }

    private static async Task<byte[]> ReadAsync(RemoteFile file, long offset, int count, CancellationToken ct = default)
    {
        var bytes = new byte[count];
        var done = 0;
        while (done < count && await file.ReadAsync(offset + done, bytes.AsMemory(done), ct) is > 0 and var more)
        {
            done += more;
        }

        return bytes[..done];
    }

    private static Task<RemoteFileException> FailureAsync(RemoteFile file, long offset) =>
        Should.ThrowAsync<RemoteFileException>(async () => await file.ReadAsync(offset, new byte[10], default));
}
