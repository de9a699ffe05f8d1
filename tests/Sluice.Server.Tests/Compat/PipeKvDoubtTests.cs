using Shouldly;
using Sluice.Server.Store;
using Sluice.Server.Tests.Store.PipeKv;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Compat;

/// <summary>A node that contradicts what it said before: it is not believed at once, and not for ever not.</summary>
public sealed class PipeKvDoubtTests : IAsyncLifetime
{
    private static readonly TimeSpan PlaylistAge = TimeSpan.FromSeconds(6);

    private KvNode _node = null!;
    private SluiceServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _node = await KvNode.StartAsync();
        _server = await SluiceServer.StartAsync(_node.Configure);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _node.DisposeAsync();
    }

    [Fact]
    public async Task A_value_that_is_older_than_what_was_seen_is_not_shown()
    {
        _node.Put("a.m3u8", "#EXTM3U old"u8.ToArray());
        await KeepAsync("a.m3u8", "#EXTM3U new");
        _node.StaleReads = 3;

        (await AfterAllTriesAsync("a.m3u8")).ShouldBe("#EXTM3U new");
        _node.Reads.ShouldBe(4);
    }

    [Theory]
    [InlineData("a.m3u8", "#EXTM3U 1", "#EXTM3U 2")]
    [InlineData(PublishedName.Index, "[\"a.m3u8\"]", "[\"a.m3u8\",\"b.m3u8\"]")]
    public async Task What_is_denied_once_is_asked_for_again(string name, string before, string now)
    {
        await KeepAsync(name, before);
        _node.Put(name, System.Text.Encoding.UTF8.GetBytes(now));
        _node.AbsentReads = 1;
        _server.Clock.Advance(PlaylistAge);

        var reading = GetAsync(name);
        await PassAsync(TimeSpan.FromMilliseconds(300));

        (await reading).ShouldBe(now);
        _node.Reads.ShouldBe(3);
    }

    [Theory]
    [InlineData("a.m3u8", "#EXTM3U 1", "404")]
    [InlineData("a.ts", null, "404")]
    [InlineData(PublishedName.Index, "[\"a.m3u8\"]", "[]")]
    public async Task What_is_denied_again_and_again_is_shown_for_two_minutes_more_and_then_not(string name, string? kept, string atLast)
    {
        kept ??= System.Text.Encoding.UTF8.GetString(KvNode.Segment(1));
        await KeepAsync(name, kept);
        _node.AbsentReads = int.MaxValue;
        _server.Clock.Advance(TimeSpan.FromHours(1));

        (await AfterAllTriesAsync(name)).ShouldBe(kept);
        (await GetAsync(name)).ShouldBe(kept, "the node is not asked for each viewer");
        _node.Reads.ShouldBe(4);
        (await AfterAllTriesAsync(name)).ShouldBe(kept);
        _server.Clock.Advance(TimeSpan.FromMinutes(2));
        (await AfterAllTriesAsync(name)).ShouldBe(atLast);

        _node.AbsentReads = 0;
        _server.Clock.Advance(PlaylistAge);
        (await GetAsync(name)).ShouldBe(kept, "it is there again");
    }

    [Fact]
    public async Task A_node_that_gives_it_again_has_all_of_the_time_anew()
    {
        await KeepAsync("a.m3u8", "#EXTM3U 1");
        foreach (var _ in (int[])[1, 2])
        {
            _node.AbsentReads = 3;
            (await AfterAllTriesAsync("a.m3u8")).ShouldBe("#EXTM3U 1");
            _server.Clock.Advance(TimeSpan.FromMinutes(2));
            (await GetAsync("a.m3u8")).ShouldBe("#EXTM3U 1");
        }
    }

    [Fact]
    public async Task A_node_that_begins_its_versions_anew_is_believed_after_two_minutes()
    {
        _node.Put("a.m3u8", "#EXTM3U first"u8.ToArray());
        await KeepAsync("a.m3u8", "#EXTM3U second");
        _node.Forget("a.m3u8");
        _node.Put("a.m3u8", "#EXTM3U anew"u8.ToArray());

        (await AfterAllTriesAsync("a.m3u8")).ShouldBe("#EXTM3U second");
        _server.Clock.Advance(TimeSpan.FromMinutes(2));
        (await AfterAllTriesAsync("a.m3u8")).ShouldBe("#EXTM3U anew");
        (await GetAsync("a.m3u8")).ShouldBe("#EXTM3U anew");
    }

    [Fact]
    public async Task The_list_stays_known_whatever_else_is_wanted()
    {
        await using var small = await SluiceServer.StartAsync(options =>
        {
            _node.Configure(options);
            options.Pipekv.CacheBytes = 400_000;
        });
        _node.Put(PublishedName.Index, "[\"a.m3u8\"]"u8.ToArray());
        (await small.Http.GetStringAsync("/" + PublishedName.Index)).ShouldBe("[\"a.m3u8\"]");
        foreach (var name in (string[])["a.ts", "b.ts", "c.ts"])
        {
            _node.Put(name, KvNode.Segment(1));
            await small.Http.GetByteArrayAsync("/ts/" + name);
        }

        _node.AbsentReads = 1;
        small.Clock.Advance(PlaylistAge);
        var reading = small.Http.GetStringAsync("/" + PublishedName.Index);
        (await Eventually.Holds(() => small.Clock.IsAwaitedIn(TimeSpan.FromMilliseconds(300)))).ShouldBeTrue();
        small.Clock.Advance(TimeSpan.FromMilliseconds(300));
        (await reading).ShouldBe("[\"a.m3u8\"]");
    }

    private async Task KeepAsync(string name, string value)
    {
        _node.Put(name, System.Text.Encoding.UTF8.GetBytes(value));
        (await GetAsync(name)).ShouldBe(value);
    }

    /// <summary>What a viewer gets who asks when what is kept is not fresh any more, and all three tries are made.</summary>
    private async Task<string> AfterAllTriesAsync(string name)
    {
        _server.Clock.Advance(PlaylistAge);
        var reading = GetAsync(name);
        await PassAsync(TimeSpan.FromMilliseconds(300));
        await PassAsync(TimeSpan.FromMilliseconds(1200));
        return await reading;
    }

    private async Task PassAsync(TimeSpan pause)
    {
        (await Eventually.Holds(() => _server.Clock.IsAwaitedIn(pause))).ShouldBeTrue($"nobody waits for {pause}");
        _server.Clock.Advance(pause);
    }

    /// <summary>The body, or the status when it is an error.</summary>
    private async Task<string> GetAsync(string name)
    {
        var path = name == PublishedName.Index ? name : Path.GetExtension(name)[1..] + "/" + name;
        using var answer = await _server.Http.GetAsync(path);
        return answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync() : $"{(int)answer.StatusCode}";
    }
}
