using System.Net;
using System.Text;
using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Outbound;
using Sluice.Server.Publishing;
using Sluice.Server.Store.PipeKv;
using Sluice.Server.Tests.Store.PipeKv;
using Xunit;

namespace Sluice.Server.Tests.Publishing;

/// <summary>A node as a place to publish to, against one that behaves as a test wants it to.</summary>
public sealed class PipeKvTargetTests : IAsyncLifetime
{
    private readonly SluiceOptions _options = new();
    private KvNode _stub = null!;
    private PipeKvNode _node = null!;
    private PipeKvTarget _target = null!;

    public async ValueTask InitializeAsync()
    {
        _stub = await KvNode.StartAsync();
        _stub.Configure(_options);
        var connector = new CheckedConnector(_options, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]), TimeProvider.System);
        _node = new PipeKvNode(
            PipeKvAccess.Of(_options.Pipekv)!, new OutboundFetcher(connector, TimeProvider.System), new PipeKvLatencies(TimeProvider.System), TimeProvider.System);
        _target = new PipeKvTarget(_node, TimeProvider.System);
    }

    public ValueTask DisposeAsync()
    {
        _node.Dispose();
        return _stub.DisposeAsync();
    }

    [Fact]
    public async Task A_file_is_written_and_looked_at()
    {
        var bytes = KvNode.Segment(1);

        await _target.PutAsync("a b_1712345678901_0.ts", bytes, "video/mp2t", default);

        _stub.Get("a b_1712345678901_0.ts").ShouldBe(bytes);
        _stub.Asked.ShouldBe(["PUT a b_1712345678901_0.ts", "GET a b_1712345678901_0.ts"]);
        (await _target.HasAsync("a b_1712345678901_0.ts", bytes, default)).ShouldBeTrue();
        (await _target.HasAsync("a b_1712345678901_0.ts", KvNode.Segment(2), default)).ShouldBeFalse();
        (await _target.HasAsync("a b_1712345678901_0.ts", bytes.AsMemory(188), default)).ShouldBeFalse();
        (await _target.HasAsync("none.ts", bytes, default)).ShouldBeFalse();
        (await _target.ReadAsync("a b_1712345678901_0.ts", default)).ShouldBe(bytes);
        (await _target.ReadAsync("none.ts", default)).ShouldBeNull();
        (_target.Name, _target.CanRemove, _target.MostBytes).ShouldBe(($"pipekv://{_stub.Url.Authority}", false, 64L << 20));
        _target.Name.ShouldNotContain(KvNode.Key);
    }

    [Fact]
    public async Task What_has_no_length_is_looked_at_to_its_end()
    {
        _stub.SaysLength = false;
        var bytes = KvNode.Segment(1);

        await _target.PutAsync("a.ts", bytes, "video/mp2t", default);

        (await _target.ReadAsync("a.ts", default)).ShouldBe(bytes);
        (await _target.HasAsync("a.ts", bytes.AsMemory(0, bytes.Length - 188), default)).ShouldBeFalse();
        (await _target.HasAsync("a.ts", (byte[])[.. bytes, 0], default)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_node_that_has_not_heard_of_it_yet_is_asked_again()
    {
        await _target.PutAsync("a.m3u8", "#EXTM3U old"u8.ToArray(), "application/vnd.apple.mpegurl", default);
        _stub.StaleReads = 2;

        await _target.PutAsync("a.m3u8", "#EXTM3U new"u8.ToArray(), "application/vnd.apple.mpegurl", default);

        Encoding.UTF8.GetString((await _target.ReadAsync("a.m3u8", default))!).ShouldBe("#EXTM3U new");
        _stub.Reads.ShouldBe(1 + 3 + 1);
    }

    [Fact]
    public async Task A_node_that_never_gives_it_back_has_not_got_it()
    {
        await _target.PutAsync("a.m3u8", "#EXTM3U old"u8.ToArray(), "application/vnd.apple.mpegurl", default);
        _stub.StaleReads = int.MaxValue;

        var e = await Should.ThrowAsync<PipeKvException>(() => _target.PutAsync("a.m3u8", "#EXTM3U new"u8.ToArray(), "application/vnd.apple.mpegurl", default).AsTask());

        e.Message.ShouldContain("does not give it back");
        e.MayPass.ShouldBeTrue("its cache may lag behind for longer");
    }

    [Fact]
    public async Task A_film_that_is_there_and_listed_is_published_however_long_a_cache_keeps_its_first_record()
    {
        _stub.StaleReads = int.MaxValue;
        await new TreePublisher(new SluiceOptions()).PublishAsync(MadeTree.Flat("film"), new ToldTarget(_target, "node"), _ => { }, default);

        Encoding.UTF8.GetString(_stub.Get(TsTree.RecordOf("film")).ShouldNotBeNull()).ShouldContain("\"complete\":true");
        Encoding.UTF8.GetString(_stub.Get(PlaylistIndex.FileName).ShouldNotBeNull()).ShouldContain("film.m3u8");
    }

    [Fact]
    public async Task What_is_said_not_to_be_there_is_asked_for_again()
    {
        await _target.PutAsync("a.json", "{}"u8.ToArray(), "application/json", default);
        _stub.AbsentReads = 2;
        (await _target.ReadAsync("a.json", default)).ShouldBe("{}"u8.ToArray());
    }

    [Fact]
    public async Task What_passes_is_tried_again_and_what_does_not_is_said()
    {
        _stub.Statuses.Enqueue(503);
        _stub.Statuses.Enqueue(500);
        await _target.PutAsync("a.ts", KvNode.Segment(1), "video/mp2t", default);
        _stub.Asked.Count(line => line == "PUT a.ts").ShouldBe(3);

        _stub.Statuses.Enqueue(403);
        (await Should.ThrowAsync<PipeKvException>(() => _target.PutAsync("b.ts", KvNode.Segment(1), "video/mp2t", default).AsTask())).Full.ShouldContain("X_SERVICE_KEY");
        _stub.Asked.Count(line => line == "PUT b.ts").ShouldBe(1);
        _stub.Get("b.ts").ShouldBeNull();
    }

    [Fact]
    public async Task Nothing_is_removed_and_nothing_is_asked_for_it()
    {
        (await Should.ThrowAsync<PipeKvException>(() => _target.RemoveAsync("a.ts", default).AsTask())).Full.ShouldContain("can still play it");
        _stub.Asked.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("../a.ts")]
    [InlineData("a/b.ts")]
    [InlineData("")]
    public async Task What_is_no_name_is_no_key(string name)
    {
        await Should.ThrowAsync<PipeKvException>(() => _target.PutAsync(name, "x"u8.ToArray(), "video/mp2t", default).AsTask());
        _stub.Asked.ShouldBeEmpty();
    }
}
