using System.Globalization;
using System.Text;
using System.Text.Json;
using Shouldly;
using Sluice.Server.Publishing;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Publishing;

/// <summary>What every place to publish to does, whatever it is. Pauses end by <see cref="DoneAsync"/>.</summary>
public abstract class PublishTargetContract
{
    private const string Type = "video/mp2t";

    private static readonly byte[] Bytes = Encoding.UTF8.GetBytes("some bytes");

    /// <summary>For the pauses of targets, and of nothing else.</summary>
    private protected FakeClock Clock { get; } = new();

    /// <summary>Bytes of the largest file, where that is little enough to be tried.</summary>
    private protected virtual int? Cap => null;

    /// <summary>The place, as another process opens it: each time anew, with no memory of what was.</summary>
    private protected abstract IPublishTarget Open();

    [Theory]
    [InlineData("master.m3u8")]
    [InlineData("Grüße aus 東京. v1.0 (final)_1765432109876_1.ts")]
    [InlineData("100% a+b&c=d#e?_1.ts")]
    public async Task What_was_put_is_there_as_it_was_sent_and_can_be_replaced(string name)
    {
        var target = Open();
        (await ReadAsync(target, name)).ShouldBeNull();
        (await target.HasAsync(name, Bytes, default)).ShouldBeFalse();

        await target.PutAsync(name, Bytes, Type, default);

        var other = Open();
        (await ReadAsync(other, name)).ShouldBe(Bytes);
        (await other.HasAsync(name, Bytes, default)).ShouldBeTrue();
        (await other.HasAsync(name, "some bytez"u8.ToArray(), default)).ShouldBeFalse();
        (await other.HasAsync(name, "some"u8.ToArray(), default)).ShouldBeFalse();
        (await other.HasAsync(name, "some bytes and more"u8.ToArray(), default)).ShouldBeFalse();

        await other.PutAsync(name, "others"u8.ToArray(), Type, default);
        (await ReadAsync(target, name)).ShouldBe("others"u8.ToArray());
        (await target.HasAsync(name, Bytes, default)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_part_of_a_larger_memory_is_sent_and_no_more_of_it()
    {
        var target = Open();
        byte[] larger = [.. "before "u8, .. Bytes, .. " after"u8];
        await target.PutAsync("a.ts", larger.AsMemory("before ".Length, Bytes.Length), Type, default);
        (await ReadAsync(target, "a.ts")).ShouldBe(Bytes);
    }

    [Fact]
    public async Task It_says_what_it_is()
    {
        var target = Open();
        target.Place.ShouldBe(Open().Place);
        target.Name.ShouldNotBeEmpty();
        if (Cap is { } cap)
        {
            target.MostBytes.ShouldBe(cap);
            await target.PutAsync("a.ts", new byte[cap], Type, default);
            var refused = await Should.ThrowAsync<PublishException>(() => target.PutAsync("b.ts", new byte[cap + 1], Type, default).AsTask());
            (refused.MayPass, refused.Hint.Length > 0).ShouldBe((false, true), "the same once more would do no better");
            (await ReadAsync(target, "b.ts")).ShouldBeNull();
        }
        else
        {
            target.MostBytes.ShouldBeGreaterThanOrEqualTo(int.MaxValue);
        }
    }

    [Fact]
    public async Task Many_files_at_once_are_all_there()
    {
        var target = Open();
        var files = Enumerable.Range(1, 24).ToDictionary(n => string.Create(CultureInfo.InvariantCulture, $"film_{n}.ts"), n => new byte[n * 1000]);
        foreach (var (index, bytes) in files.Values.Index())
        {
            Array.Fill(bytes, (byte)index);
        }

        await Task.WhenAll(files.Select(f => target.PutAsync(f.Key, f.Value, Type, default).AsTask()));

        foreach (var (name, bytes) in files)
        {
            (await Open().HasAsync(name, bytes, default)).ShouldBeTrue(name);
        }
    }

    [Fact]
    public async Task What_can_be_removed_is_and_what_cannot_is_said()
    {
        var target = Open();
        await target.PutAsync("a.ts", Bytes, Type, default);
        if (target.CanRemove)
        {
            await target.RemoveAsync("a.ts", default);
            await target.RemoveAsync("a.ts", default);
            (await ReadAsync(target, "a.ts")).ShouldBeNull();
        }
        else
        {
            (await Should.ThrowAsync<PublishException>(() => target.RemoveAsync("a.ts", default).AsTask())).Hint.ShouldContain("can still play it");
            (await ReadAsync(target, "a.ts")).ShouldBe(Bytes);
        }
    }

    [Fact]
    public async Task A_list_is_changed_by_one_process_after_the_other()
    {
        await AddAsync("one.m3u8");
        await AddAsync("two.m3u8");
        await AddAsync("one.m3u8");
        (await NamesAsync()).ShouldBe(["one.m3u8", "two.m3u8"]);

        (await DoneAsync(new PlaylistIndex().RemoveAsync(Open(), "one.m3u8", PlaylistIndex.NoOthers, default))).ShouldBeTrue();
        (await DoneAsync(new PlaylistIndex().RemoveAsync(Open(), "one.m3u8", PlaylistIndex.NoOthers, default))).ShouldBeFalse();
        (await NamesAsync()).ShouldBe(["two.m3u8"]);
    }

    [Fact]
    public async Task One_process_that_lists_many_at_once_loses_none()
    {
        var (index, target) = (new PlaylistIndex(), Open());
        var names = Enumerable.Range(1, 6).Select(n => string.Create(CultureInfo.InvariantCulture, $"film {n}.m3u8")).ToList();
        await DoneAsync(Task.WhenAll(names.Select(n => index.AddAsync(target, n, PlaylistIndex.NoOthers, default))));
        (await NamesAsync()).ShouldBe(names, ignoreOrder: true);
    }

    /// <summary>Lists a name, as a process of its own does.</summary>
    private protected Task AddAsync(string name, IPublishTarget? target = null) => DoneAsync(new PlaylistIndex().AddAsync(target ?? Open(), name, PlaylistIndex.NoOthers, default));

    private protected async Task<string[]> NamesAsync() =>
        JsonSerializer.Deserialize<string[]>((await ReadAsync(Open(), PlaylistIndex.FileName))!)!;

    /// <summary>Reads a file: what is not there is looked for again after a pause.</summary>
    private protected Task<byte[]?> ReadAsync(IPublishTarget target, string name) => DoneAsync(target.ReadAsync(name, default).AsTask());

    private protected async Task<T> DoneAsync<T>(Task<T> work)
    {
        await DoneAsync((Task)work);
        return await work;
    }

    /// <summary>Waits for what has pauses.</summary>
    private protected async Task DoneAsync(Task work)
    {
        (await Eventually.Holds(() =>
        {
            Clock.Advance(TimeSpan.FromSeconds(Clock.Waiting > 0 ? 2 : 0)); // Time goes by in pauses only, however long an answer takes.
            return work.IsCompleted;
        })).ShouldBeTrue("it ends");
        await work;
    }
}
