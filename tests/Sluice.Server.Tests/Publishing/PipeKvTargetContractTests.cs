using System.Net;
using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Outbound;
using Sluice.Server.Publishing;
using Sluice.Server.Store.PipeKv;
using Sluice.Server.Tests.Store.PipeKv;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Publishing;

/// <summary>The contract, for a node of Pipe KV; and what only such a node does: it gives what is not true any more.</summary>
public sealed class PipeKvTargetContractTests : RemoteTargetContract, IAsyncLifetime
{
    private const int Limit = 1_000_000;

    private readonly List<PipeKvNode> _open = [];
    private KvNode _node = null!;
    private TimeProvider _limits = TimeProvider.System;

    private protected override int? Cap => Limit;

    private protected override Func<string, Task>? BeforePut
    {
        set => _node.BeforePut = value;
    }

    public async ValueTask InitializeAsync() => _node = await KvNode.StartAsync();

    public ValueTask DisposeAsync()
    {
        _open.ForEach(n => n.Dispose());
        return _node.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_list_of_yesterday_does_not_replace_that_of_today(bool saysVersion)
    {
        _node.SaysVersion = saysVersion;
        await AddAsync("one.m3u8");
        await AddAsync("two.m3u8");
        _node.StaleReads = 2;
        await AddAsync("three.m3u8");
        (await NamesAsync()).ShouldBe(["one.m3u8", "two.m3u8", "three.m3u8"], ignoreOrder: true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nothing_is_written_while_only_an_old_list_is_given(bool isAbsent)
    {
        var target = Open();
        await AddAsync("one.m3u8", target);
        await AddAsync("two.m3u8", target);
        (_node.StaleReads, _node.AbsentReads) = isAbsent ? (0, int.MaxValue) : (int.MaxValue, 0);
        var writes = _node.Asked.Count(line => line.StartsWith("PUT", StringComparison.Ordinal));

        var refused = await Should.ThrowAsync<PublishException>(() => AddAsync("three.m3u8", target));

        (refused.MayPass, refused.Hint).ShouldBe((true, refused.Hint));
        refused.Hint.ShouldContain("cache that lags behind");
        _node.Asked.Count(line => line.StartsWith("PUT", StringComparison.Ordinal)).ShouldBe(writes);
        (_node.StaleReads, _node.AbsentReads) = (0, 0);
        await AddAsync("three.m3u8", target);
        (await NamesAsync()).ShouldBe(["one.m3u8", "two.m3u8", "three.m3u8"]);
    }

    [Theory]
    [InlineData(true, "three.m3u8")]
    [InlineData(false, "three.m3u8")]
    [InlineData(true, "one.m3u8")]
    [InlineData(false, "one.m3u8")]
    public async Task A_node_that_begins_anew_is_believed_after_a_minute_and_what_it_lost_is_put_back(bool isEmpty, string added)
    {
        var target = Open();
        await AddAsync("one.m3u8", target);
        await AddAsync("two.m3u8", target);
        _node.Forget(PlaylistIndex.FileName);
        if (!isEmpty)
        {
            _node.Put(PlaylistIndex.FileName, "[\"others.m3u8\"]"u8.ToArray()); // Its first version; that of ours was the second.
        }

        (await Should.ThrowAsync<PublishException>(() => AddAsync(added, target))).MayPass.ShouldBeTrue();
        Clock.Advance(TimeSpan.FromMinutes(1));
        await AddAsync(added, target);

        string[] expected = [.. isEmpty ? Array.Empty<string>() : ["others.m3u8"], "one.m3u8", "two.m3u8", added];
        (await NamesAsync()).ShouldBe(expected.Distinct());
        await AddAsync("four.m3u8", target);
        (await DoneAsync(new PlaylistIndex().RemoveAsync(target, "one.m3u8", PlaylistIndex.NoOthers, default))).ShouldBeTrue();
        (await NamesAsync()).ShouldBe(expected.Distinct().Except(["one.m3u8"]).Append("four.m3u8"), "what was put back is forgotten as lost");
    }

    [Fact]
    public async Task What_a_node_lost_is_put_back_also_when_the_first_attempt_to_write_it_fails()
    {
        var target = Open();
        await AddAsync("one.m3u8", target);
        await AddAsync("two.m3u8", target);
        _node.Forget(PlaylistIndex.FileName);
        _node.Put(PlaylistIndex.FileName, "[]"u8.ToArray());
        await Should.ThrowAsync<PublishException>(() => AddAsync("three.m3u8", target));
        Clock.Advance(TimeSpan.FromMinutes(1));
        _node.BeforePut = _ => throw new InvalidOperationException("the node cannot write");
        await Should.ThrowAsync<PublishException>(() => AddAsync("three.m3u8", target));

        _node.BeforePut = null;
        await AddAsync("three.m3u8", target);

        (await NamesAsync()).ShouldBe(["one.m3u8", "two.m3u8", "three.m3u8"]);
    }

    [Fact]
    public async Task What_was_written_is_waited_for_and_not_written_twice()
    {
        var target = Open();
        await AddAsync("one.m3u8", target);
        await AddAsync("two.m3u8", target);
        _node.BeforePut = _ =>
        {
            _node.StaleReads = 3; // What comes after the write is older than it.
            return Task.CompletedTask;
        };
        var writes = _node.Asked.Count(line => line.StartsWith("PUT", StringComparison.Ordinal));

        await AddAsync("three.m3u8", target);

        _node.Asked.Count(line => line.StartsWith("PUT", StringComparison.Ordinal)).ShouldBe(writes + 1);
        (await NamesAsync()).ShouldBe(["one.m3u8", "two.m3u8", "three.m3u8"]);
    }

    [Fact]
    public async Task What_a_server_knows_to_be_listed_is_put_back()
    {
        await AddAsync("one.m3u8");
        await DoneAsync(new PlaylistIndex().AddAsync(Open(), "three.m3u8", Listed("one.m3u8", "two.m3u8"), default));
        (await NamesAsync()).ShouldBe(["one.m3u8", "two.m3u8", "three.m3u8"]);
        await DoneAsync(new PlaylistIndex().RemoveAsync(Open(), "three.m3u8", Listed("four.m3u8"), default));
        (await NamesAsync()).ShouldBe(["one.m3u8", "two.m3u8", "four.m3u8"]);
    }

    private static ListedNames Listed(params string[] names) => _ => Task.FromResult<IReadOnlyCollection<string>>(names);

    private protected override IPublishTarget Open()
    {
        var options = new SluiceOptions();
        _node.Configure(options);
        options.Pipekv.MostBytes = Limit;
        var connector = new CheckedConnector(options, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]), _limits);
        var node = new PipeKvNode(PipeKvAccess.Of(options.Pipekv)!, new OutboundFetcher(connector, _limits), new PipeKvLatencies(_limits), _limits);
        _open.Add(node);
        return new ToldTarget(new PipeKvTarget(node, Clock), "place");
    }

    private protected override void Pass() => _limits = TimeProvider.System;

    private protected override void Make(WireFault fault, int times)
    {
        _limits = fault == WireFault.Silence ? new FastClock(20) : TimeProvider.System;
        _node.SaysLength = fault != WireFault.Short;
        switch (fault)
        {
            case WireFault.Error:
                for (var n = 0; n < Math.Min(times, 1000); n++)
                {
                    _node.Statuses.Enqueue(500);
                }

                break;
            case WireFault.Cut or WireFault.Short:
                (_node.CutsAfter, _node.Cuts) = (10_000, times);
                break;
            case WireFault.Silence:
                _node.HoldsAfter = 10_000;
                _node.Holds = times;
                break;
            case WireFault.Absent:
                _node.AbsentReads = times;
                break;
        }
    }
}
