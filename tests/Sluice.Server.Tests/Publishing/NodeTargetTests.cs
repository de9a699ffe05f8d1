using System.Net;
using System.Text.Json;
using Shouldly;
using Sluice.Server.Tests.Cli;
using Sluice.Server.Tests.Compat;
using Sluice.Server.Tests.Deliver;
using Sluice.Server.Tests.Store.PipeKv;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Publishing;

/// <summary>The day of somebody who used ts.sh: one command cuts, uploads and lists; the server plays; and the same by API.</summary>
public sealed class NodeTargetTests(Clip clip) : IClassFixture<Clip>, IAsyncLifetime
{
    private KvNode _node = null!;

    private string Target => "pipekv://" + _node.Url.Authority;

    private Dictionary<string, string> Variables => new()
    {
        ["X_SERVICE_KEY"] = KvNode.Key,
        ["HOST"] = _node.Url.GetLeftPart(UriPartial.Authority),
        ["SLUICE__PIPEKV__PIN"] = _node.Certificate.Print,
    };

    public async ValueTask InitializeAsync() => _node = await KvNode.StartAsync();

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task A_film_is_published_by_one_command_and_played_through_the_server()
    {
        var run = await SluiceProcess.RunAsync(["package", clip.Path, "--to", Target], Variables);
        run.Code.ShouldBe(0, run.Errors);
        (run.Output + run.Errors).ShouldNotContain(KvNode.Key);

        await using var server = await SluiceServer.StartAsync(_node.Configure);
        var name = (await ListedAsync(server)).ShouldHaveSingleItem();
        name.ShouldMatch(@"^clip_\d{13}\.m3u8$");
        var played = await PacketStream.ReadAsync(new Uri(server.Http.BaseAddress!, "m3u8/" + name).AbsoluteUri, "v");
        played.ShouldHaveSingleItem().Packets.Count.ShouldBe(13 * 25);
        _node.Types.Where(t => t.Key.EndsWith(".ts", StringComparison.Ordinal)).ShouldAllBe(t => t.Value == "video/mp2t");

        var asked = _node.Asked.Count;
        var again = await SluiceProcess.RunAsync(["package", clip.Path, "--to", Target], Variables);
        again.Code.ShouldBe(0, again.Errors);
        _node.Asked.Skip(asked).ShouldNotContain(line => line.StartsWith("PUT", StringComparison.Ordinal) && line.EndsWith(".ts", StringComparison.Ordinal));

        var removed = await SluiceProcess.RunAsync(["unpublish", Target, name], Variables);
        removed.Code.ShouldBe(0, removed.Errors);
        (removed.Output + removed.Errors).ShouldContain("cannot remove files");
        JsonSerializer.Deserialize<string[]>(_node.Get("m3u8_index_cache.json")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true, "pipekv://example.org", "The configured node is")]
    [InlineData(false, "pipekv://example.org", "There is no key")]
    public async Task The_key_is_given_to_no_other_node(bool hasKey, string target, string words)
    {
        var run = await SluiceProcess.RunAsync(["package", clip.Path, "--to", target], hasKey ? Variables : null);
        run.Code.ShouldBe(1);
        run.Errors.ShouldContain(words);
        run.Errors.ShouldNotContain("fault of Sluice");
    }

    [Fact]
    public async Task A_node_that_fails_is_told_with_what_to_do_and_nothing_is_listed()
    {
        for (var n = 0; n < 10_000; n++)
        {
            _node.Statuses.Enqueue(403);
        }

        var run = await SluiceProcess.RunAsync(["package", clip.Path, "--to", Target], Variables);

        run.Code.ShouldBe(1);
        run.Errors.ShouldContain("does not let this server in");
        run.Errors.ShouldContain("X_SERVICE_KEY");
        _node.Get("m3u8_index_cache.json").ShouldBeNull();
    }

    [Fact]
    public async Task A_title_of_the_library_goes_to_a_node_too()
    {
        await using var server = await PublishingServer.StartAsync(options: o =>
        {
            _node.Configure(o);
            o.Publish.Targets = new Dictionary<string, string> { ["web"] = Target };
        });
        var id = (await server.UploadAsync(clip.Path)).Text("id");

        (await server.PublishAsync(id)).Text("form").ShouldBe("ts");

        var name = (await ListedAsync(server.Server)).ShouldHaveSingleItem();
        using var list = await server.Http.GetAsync("/m3u8/" + name);
        list.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await list.Content.ReadAsStringAsync()).ShouldContain("#EXT-X-ENDLIST");
    }

    private static async Task<string[]> ListedAsync(SluiceServer server) =>
        JsonSerializer.Deserialize<string[]>(await server.Http.GetStringAsync("/m3u8_index_cache.json"))!;
}
