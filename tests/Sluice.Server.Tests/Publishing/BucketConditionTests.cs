using System.Collections.Concurrent;
using System.Text.Json;
using Shouldly;
using Sluice.Server.Publishing;
using Sluice.Server.Store.S3;
using Sluice.Server.Tests.Store.S3;
using Xunit;

namespace Sluice.Server.Tests.Publishing;

/// <summary>The list of playlists in a bucket whose server knows conditions of writes, as the large ones do: what somebody else has written is not even written over
/// for a moment. Swift, behind, knows one of them only.</summary>
[Collection(nameof(Swift))]
public sealed class BucketConditionTests(Swift swift) : IAsyncLifetime
{
    private readonly string _prefix = $"conditions-{Guid.NewGuid():n}/";
    private readonly ConcurrentQueue<string[]> _lists = new();
    private FaultyS3 _wire = null!;
    private S3Bucket _bucket = null!;
    private S3Bucket _behind = null!;

    private string Index => _prefix + PlaylistIndex.FileName;

    public async ValueTask InitializeAsync()
    {
        _wire = await FaultyS3.StartAsync(swift.Url);
        _bucket = S3Setup.BucketOf(swift.Options(_wire.Url), Swift.Connector, TimeProvider.System);
        _behind = S3Setup.BucketOf(swift.Options(), Swift.Connector, TimeProvider.System);
        _wire.KeepConditions(_behind);
        _wire.BeforeWrite = async () => _lists.Enqueue(await NamesAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _wire.DisposeAsync();
        _bucket.Dispose();
        _behind.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_two_who_write_at_the_same_moment_the_second_is_refused_and_reads_again(bool isThere)
    {
        if (isThere)
        {
            await AddAsync("before.m3u8");
        }

        var (met, go) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _wire.Holds = async asked =>
        {
            if (!asked.StartsWith("PUT ", StringComparison.Ordinal))
            {
                return;
            }

            if (Interlocked.Increment(ref met) == 2)
            {
                go.SetResult(); // Both have read the list, and neither has written.
            }

            await go.Task;
        };

        await Task.WhenAll(AddAsync("one.m3u8"), AddAsync("two.m3u8"));

        string[] before = isThere ? ["before.m3u8"] : [];
        (await NamesAsync()).ShouldBe([.. before, "one.m3u8", "two.m3u8"], ignoreOrder: true);
        _wire.Refusals.ShouldBe(1);
        string[][] all = [.. _lists, await NamesAsync()];
        foreach (var (earlier, later) in all.Zip(all.Skip(1)))
        {
            earlier.Except(later).ShouldBeEmpty("no name was away even for a moment");
        }
    }

    [Fact]
    public async Task Who_meets_a_write_that_is_under_way_writes_after_it()
    {
        await AddAsync("before.m3u8");
        var left = 1;
        _wire.WriteFaultOf = _ => Interlocked.Decrement(ref left) >= 0 ? Fault.Conflict : Fault.None;

        await AddAsync("one.m3u8");

        (await NamesAsync()).ShouldBe(["before.m3u8", "one.m3u8"]);
    }

    [Fact]
    public async Task A_server_that_knows_no_conditions_is_written_to_without()
    {
        _wire.WriteFaultOf = _ => Fault.NoConditions;

        await AddAsync("one.m3u8");
        await AddAsync("two.m3u8");

        (await NamesAsync()).ShouldBe(["one.m3u8", "two.m3u8"]);
    }

    /// <summary>Lists a name, as a process of its own does.</summary>
    private Task AddAsync(string name) => new PlaylistIndex().AddAsync(
        new ToldTarget(new BucketTarget(_bucket, _prefix, TimeProvider.System), "place"), name, PlaylistIndex.NoOthers, default);

    private async Task<string[]> NamesAsync() =>
        await _behind.ReadWholeAsync(Index, 1 << 20, default) is { } bytes ? JsonSerializer.Deserialize<string[]>(bytes)! : [];
}
