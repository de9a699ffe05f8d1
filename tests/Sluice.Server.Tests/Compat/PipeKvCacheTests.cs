using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Store.PipeKv;
using Sluice.Server.Tests.Store.PipeKv;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Compat;

/// <summary>One fetch for many viewers, and no more room than there is.</summary>
public sealed class PipeKvCacheTests : IAsyncLifetime
{
    private KvNode _node = null!;

    public async ValueTask InitializeAsync() => _node = await KvNode.StartAsync();

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task Many_who_want_the_same_at_once_are_one_request()
    {
        await using var server = await SluiceServer.StartAsync(_node.Configure);
        var bytes = KvNode.Segment(1);
        _node.Put("a.ts", bytes);
        _node.HoldsAfter = 8192;

        var reading = Enumerable.Range(0, 40).Select(_ => server.Http.GetByteArrayAsync("/ts/a.ts")).ToArray();
        (await Eventually.Holds(() => _node.Reads > 0)).ShouldBeTrue();
        _node.LetGo.SetResult();

        (await Task.WhenAll(reading)).ShouldAllBe(got => got.SequenceEqual(bytes));
        _node.Reads.ShouldBe(1);
    }

    [Fact]
    public async Task What_is_not_there_is_asked_for_once_in_a_while_and_what_is_takes_its_place()
    {
        await using var server = await SluiceServer.StartAsync(_node.Configure);
        for (var i = 0; i < 3; i++)
        {
            await (await server.Http.GetAsync("/ts/a.ts")).ShouldBeProblemAsync(404, "published-unknown");
        }

        _node.Reads.ShouldBe(1);
        _node.Put("a.ts", KvNode.Segment(1));
        server.Clock.Advance(TimeSpan.FromSeconds(2));

        (await server.Http.GetByteArrayAsync("/ts/a.ts")).ShouldBe(KvNode.Segment(1));
        _node.Reads.ShouldBe(2);
    }

    [Fact]
    public void Names_of_nothing_are_kept_in_bounds()
    {
        var clock = new FakeClock();
        var misses = new PipeKvMisses(clock);
        for (var i = 0; i < 10_000; i++)
        {
            misses.Note($"{i}.ts");
        }

        Enumerable.Range(0, 10_000).Count(i => misses.Has($"{i}.ts")).ShouldBe(4096);
        misses.Has("9999.ts").ShouldBeTrue();
        clock.Advance(TimeSpan.FromSeconds(2));
        misses.Has("9999.ts").ShouldBeFalse();
    }

    [Fact]
    public async Task Who_waits_long_for_a_turn_is_told_to_come_back()
    {
        await using var server = await SluiceServer.StartAsync(_node.Configure);
        _node.HoldsAfter = 0;
        var names = Enumerable.Range(0, 33).Select(i => $"{i}.ts").ToList();
        names.ForEach(name => _node.Put(name, KvNode.Segment(1)));
        var taken = names.Take(32).Select(name => server.Http.GetAsync("/ts/" + name)).ToList();
        (await Eventually.Holds(() => _node.Reads == 32)).ShouldBeTrue();

        var waits = server.Http.GetAsync("/ts/" + names[32]);
        (await Eventually.Holds(() => server.Clock.IsAwaitedIn(TimeSpan.FromSeconds(5)))).ShouldBeTrue();
        server.Clock.Advance(TimeSpan.FromSeconds(5));
        using (var answer = await waits)
        {
            (await answer.ShouldBeProblemAsync(503, "published-unreachable")).Text("detail").ShouldContain("Too much");
            answer.Headers.RetryAfter.ShouldNotBeNull();
        }

        _node.LetGo.SetResult();
        foreach (var answer in await Task.WhenAll(taken))
        {
            answer.IsSuccessStatusCode.ShouldBeTrue();
            answer.Dispose();
        }

        (await server.Http.GetByteArrayAsync("/ts/" + names[32])).ShouldBe(KvNode.Segment(1));
    }

    [Fact]
    public async Task What_nobody_waits_for_any_more_is_given_up()
    {
        await using var server = await SluiceServer.StartAsync(_node.Configure);
        _node.Put("a.ts", KvNode.Segment(1));
        _node.HoldsAfter = 8192;
        using (var gone = new CancellationTokenSource())
        {
            using var answer = await server.Http.GetAsync("/ts/a.ts", HttpCompletionOption.ResponseHeadersRead, gone.Token);
            await gone.CancelAsync();
        }

        (await Eventually.Holds(() => server.App.Services.GetRequiredService<PipeKvCache>().TakenBytes == 0)).ShouldBeTrue();
        _node.LetGo.SetResult();
        (await server.Http.GetByteArrayAsync("/ts/a.ts")).Length.ShouldBe(188_000);
        _node.Reads.ShouldBe(2);
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 1)]
    public async Task Who_begins_far_behind_what_has_come_does_not_wait_where_the_node_gives_parts(bool hasRanges, int requests)
    {
        await using var server = await SluiceServer.StartAsync(_node.Configure);
        var bytes = KvNode.Segment(1, packets: 20_000);
        _node.Put("a.ts", bytes);
        (_node.HasRanges, _node.HoldsAfter) = (hasRanges, 500_000);

        var reading = server.SendAsync(HttpMethod.Get, "/ts/a.ts", headers: ("Range", "bytes=3000000-3000999"));
        (await Eventually.Holds(() => _node.Reads == requests)).ShouldBeTrue();
        if (!hasRanges)
        {
            _node.LetGo.SetResult();
        }

        using var answer = await reading;
        (await answer.Content.ReadAsByteArrayAsync()).ShouldBe(bytes[3_000_000..3_001_000]);
        _node.Asked.ShouldBe(hasRanges ? ["GET a.ts", "GET a.ts bytes=3000000-"] : ["GET a.ts"]);
    }

    [Fact]
    public async Task What_was_used_last_is_kept_and_no_more_than_there_is_room_for()
    {
        await using var server = await SluiceServer.StartAsync(options =>
        {
            _node.Configure(options);
            options.Pipekv.CacheBytes = 400_000; // Two of them.
        });
        var cache = server.App.Services.GetRequiredService<PipeKvCache>();
        foreach (var name in (string[])["a.ts", "b.ts", "a.ts", "c.ts", "a.ts", "b.ts"])
        {
            if (_node.Get(name) is null)
            {
                _node.Put(name, KvNode.Segment(name[0]));
            }

            (await server.Http.GetByteArrayAsync("/ts/" + name)).ShouldBe(KvNode.Segment(name[0]), name);
            cache.TakenBytes.ShouldBeLessThanOrEqualTo(400_000);
        }

        _node.Asked.ShouldBe(["GET a.ts", "GET b.ts", "GET c.ts", "GET b.ts"]);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, false)]
    public async Task Without_room_each_is_passed_on_by_itself(bool hasRanges, bool saysVersion)
    {
        await using var server = await SluiceServer.StartAsync(options =>
        {
            _node.Configure(options);
            options.Pipekv.CacheBytes = 1000;
        });
        var bytes = KvNode.Segment(1);
        _node.Put("a.ts", bytes);
        (_node.HasRanges, _node.SaysVersion) = (hasRanges, saysVersion);

        (await server.Http.GetByteArrayAsync("/ts/a.ts")).ShouldBe(bytes);
        using var part = await server.SendAsync(HttpMethod.Get, "/ts/a.ts", headers: ("Range", "bytes=100000-100099"));
        (await part.Content.ReadAsByteArrayAsync()).ShouldBe(bytes[100_000..100_100]);

        (_node.CutsAfter, _node.Cuts) = (50_000, int.MaxValue);
        using var cut = await server.Http.GetAsync("/ts/a.ts", HttpCompletionOption.ResponseHeadersRead);
        await Should.ThrowAsync<Exception>(() => cut.Content.ReadAsByteArrayAsync());
        server.App.Services.GetRequiredService<PipeKvCache>().TakenBytes.ShouldBe(0);
    }

    [Fact]
    public async Task A_value_that_is_too_large_takes_no_room_from_others()
    {
        await using var server = await SluiceServer.StartAsync(options =>
        {
            _node.Configure(options);
            options.Pipekv.CacheBytes = 400_000;
        });
        var large = KvNode.Segment(3, packets: 4000);
        _node.Put("small.ts", KvNode.Segment(1));
        _node.Put("large.ts", large);
        await server.Http.GetByteArrayAsync("/ts/small.ts");

        (await server.Http.GetByteArrayAsync("/ts/large.ts")).ShouldBe(large);

        server.App.Services.GetRequiredService<PipeKvCache>().TakenBytes.ShouldBe(188_000);
        var reads = _node.Reads;
        await server.Http.GetByteArrayAsync("/ts/small.ts");
        _node.Reads.ShouldBe(reads);
    }

    [Fact]
    public async Task A_viewer_who_takes_his_time_gets_all_of_what_is_passed_on()
    {
        await using var server = await SluiceServer.StartAsync(options =>
        {
            _node.Configure(options);
            options.Pipekv.CacheBytes = 1000;
        });
        var bytes = KvNode.Segment(1, packets: 20_000);
        _node.Put("a.ts", bytes);
        using var file = (await server.App.Services.GetRequiredService<PipeKvCache>().OpenAsync("a.ts", default)).ShouldNotBeNull();
        var got = new byte[bytes.Length];
        for (var at = 0; at < got.Length;)
        {
            at += await file.Body.ReadAsync(at, got.AsMemory(at, Math.Min(64 << 10, got.Length - at)), default);
            server.Clock.Advance(TimeSpan.FromSeconds(30)); // He looks at what he has.
        }

        got.ShouldBe(bytes);
    }
}
