using Shouldly;
using Sluice.Server.Publishing;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Publishing;

/// <summary>What every place on another server does when that server, or the way to it, makes mistakes.</summary>
public abstract class RemoteTargetContract : PublishTargetContract
{
    private static readonly byte[] Bytes = [.. Enumerable.Range(0, 40_000).Select(n => (byte)n)];

    /// <summary>Answers to the next reads are so.</summary>
    private protected abstract void Make(WireFault fault, int times);

    /// <summary>What was made is over; limits are those of every day, for now an answer must come in time.</summary>
    private protected abstract void Pass();

    /// <summary>Called before a file is written; what it answers is waited for.</summary>
    private protected abstract Func<string, Task>? BeforePut { set; }

    [Theory]
    [InlineData(WireFault.Error)]
    [InlineData(WireFault.Cut)]
    [InlineData(WireFault.Short)]
    [InlineData(WireFault.Silence)]
    public async Task A_fault_that_passes_is_none_or_an_error_and_never_other_bytes(WireFault fault)
    {
        await DoneAsync(Open().PutAsync("a.ts", Bytes, "video/mp2t", default).AsTask());
        Make(fault, 1);
        try
        {
            (await ReadAsync()).ShouldBe(Bytes);
        }
        catch (PublishException e)
        {
            e.Message.ShouldNotBeEmpty();
        }

        Pass();
        (await ReadAsync()).ShouldBe(Bytes, "it has passed");
    }

    [Theory]
    [InlineData(WireFault.Error)]
    [InlineData(WireFault.Cut)]
    [InlineData(WireFault.Short)]
    [InlineData(WireFault.Silence)]
    public async Task A_fault_that_stays_is_told_and_says_nothing_of_what_is_there(WireFault fault)
    {
        await DoneAsync(Open().PutAsync("a.ts", Bytes, "video/mp2t", default).AsTask());
        Make(fault, int.MaxValue);

        (await Should.ThrowAsync<PublishException>(ReadAsync)).MayPass.ShouldBeTrue();
    }

    [Fact]
    public async Task A_list_that_is_not_there_for_a_moment_is_not_begun_anew()
    {
        await AddAsync("one.m3u8");
        Make(WireFault.Absent, 2);
        await AddAsync("two.m3u8");
        (await NamesAsync()).ShouldBe(["one.m3u8", "two.m3u8"]);
    }

    [Fact]
    public async Task Two_processes_that_list_at_the_same_moment_lose_nothing()
    {
        await AddAsync("before.m3u8");
        var (met, go) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        BeforePut = async name =>
        {
            if (name.EndsWith(PlaylistIndex.FileName, StringComparison.Ordinal) && Interlocked.Increment(ref met) <= 2)
            {
                await go.Task;
            }
        };
        string[] names = ["one.m3u8", "two.m3u8"];
        var both = Task.WhenAll(names.Select(n => new PlaylistIndex().AddAsync(Open(), n, PlaylistIndex.NoOthers, default)));

        // Both have read the list before either has written.
        (await Eventually.Holds(() =>
        {
            Clock.Advance(TimeSpan.FromSeconds(Volatile.Read(ref met) < 2 ? 2 : 0));
            return Volatile.Read(ref met) == 2;
        })).ShouldBeTrue();
        go.SetResult();
        (await Eventually.Holds(() => Clock.Waiting == 2)).ShouldBeTrue("both have written, or tried to");

        await DoneAsync(both);

        (await NamesAsync()).ShouldBe(["before.m3u8", .. names], ignoreOrder: true);
    }

    private async Task<byte[]?> ReadAsync() => await ReadAsync(Open(), "a.ts");
}

/// <summary>Mistakes of a server, or of the way to it.</summary>
public enum WireFault
{
    /// <summary>Status 500.</summary>
    Error,

    /// <summary>The connection ends within the body.</summary>
    Cut,

    /// <summary>Fewer bytes than there are, and the head does not say otherwise.</summary>
    Short,

    /// <summary>Nothing more comes.</summary>
    Silence,

    /// <summary>What is there is said not to be.</summary>
    Absent,
}
