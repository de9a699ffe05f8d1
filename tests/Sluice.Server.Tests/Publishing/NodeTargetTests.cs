using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Publishing;
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
    public async Task A_day_of_ts_sh_is_one_command_a_film_and_a_server_that_lists_and_plays()
    {
        // The evening: two films into the store, one of them with a name as people give them.
        var data = Directory.CreateTempSubdirectory("sluice-day-");
        var second = Path.Combine(data.FullName, "Größe 1.5 – 100% «x».mp4");
        File.Copy(clip.Path, second);
        foreach (var film in (string[])[clip.Path, second])
        {
            var run = await SluiceProcess.RunAsync(["package", film, "--to", Target], Variables);
            run.Code.ShouldBe(0, run.Errors);
            run.Output.Trim().ShouldMatch(@"^pipekv://.*_\d{13}\.m3u8$");
        }

        // The day after: the server, with the same .env, knows nothing but the node.
        await File.WriteAllTextAsync(
            Path.Combine(data.FullName, ".env"), $"X_SERVICE_KEY={KvNode.Key}\nHOST={_node.Url.GetLeftPart(UriPartial.Authority)}\n");
        var home = Path.Combine(data.FullName, "data");
        await using var server = SluiceProcess.Start(
            ["serve", "--port", "0", "--data", home], new() { ["SLUICE__PIPEKV__PIN"] = _node.Certificate.Print }, data.FullName);
        using var http = new HttpClient { BaseAddress = new Uri(await server.UrlAsync(home)) };
        var names = JsonSerializer.Deserialize<string[]>(await http.GetStringAsync("/m3u8_index_cache.json"))!;
        names.Select(n => n[..n.LastIndexOf('_')]).ShouldBe(["clip", "Größe 1.5 – 100% «x»"]);
        foreach (var name in names)
        {
            var played = await PacketStream.ReadAsync(new Uri(http.BaseAddress, "m3u8/" + Uri.EscapeDataString(name)).AbsoluteUri, "v");
            played.ShouldHaveSingleItem(name).Packets.Count.ShouldBe(13 * 25);
        }

        // Whoever runs it sees the names, and how fast the node answers.
        var view = await (await http.GetAsync("/api/v1/pipekv")).JsonAsync();
        view.GetProperty("names").GetArrayLength().ShouldBe(2);
        view.GetProperty("reads").GetArrayLength().ShouldBe(1);
        (server.Output + server.Errors).ShouldNotContain(KvNode.Key);

        await server.SignalAsync("TERM");
        await server.ExitAsync();
        data.Delete(recursive: true);
    }

    [Fact]
    public async Task The_same_command_once_more_sends_no_segment_and_unpublish_takes_it_out_of_the_list()
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
        await using var server = await StartAsync();
        var id = (await server.UploadAsync(clip.Path)).Text("id");

        (await server.PublishAsync(id)).Text("form").ShouldBe("ts");

        var name = (await ListedAsync(server.Server)).ShouldHaveSingleItem();
        using var list = await server.Http.GetAsync("/m3u8/" + name);
        list.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await list.Content.ReadAsStringAsync()).ShouldContain("#EXT-X-ENDLIST");
    }

    [Fact]
    public async Task What_the_node_says_is_not_there_is_unlisted_all_the_same()
    {
        await using var server = await StartAsync();
        var id = (await server.UploadAsync(clip.Path)).Text("id");
        await server.PublishAsync(id);
        _node.Get("m3u8_index_cache.json").ShouldNotBeNull().Length.ShouldBeGreaterThan(10);

        _node.AbsentReads = 3; // The first thing that is read is the record, by three looks.
        using var asked = await server.Http.DeleteAsync($"/api/v1/media/{id}/publish?target=web");
        asked.StatusCode.ShouldBe(HttpStatusCode.Accepted);

        (await server.StateAsync(id, "unlisted")).Text("reason").ShouldContain("cannot remove files");
        JsonSerializer.Deserialize<string[]>(_node.Get("m3u8_index_cache.json")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Of_what_was_stopped_half_way_is_told_what_is_left_also_when_the_node_says_once_that_it_has_no_record()
    {
        await using var server = await StartAsync();
        var id = (await server.UploadAsync(clip.Path)).Text("id");
        _node.BeforePut = name => name.EndsWith(".m3u8", StringComparison.Ordinal) ? throw new InvalidOperationException("no playlists") : Task.CompletedTask;
        using var asked = await server.AskAsync(id);
        (await Eventually.Holds(async () => (await server.ListAsync(id))[0].GetProperty("reason").GetString() is not null)).ShouldBeTrue();
        _node.Asked.ShouldContain(line => line.StartsWith("PUT", StringComparison.Ordinal) && line.EndsWith("_1.ts", StringComparison.Ordinal));

        (_node.BeforePut, _node.AbsentReads) = (null, 1);
        using var removed = await server.Http.DeleteAsync($"/api/v1/media/{id}/publish?target=web");
        removed.StatusCode.ShouldBe(HttpStatusCode.Accepted);

        (await server.StateAsync(id, "unlisted")).Text("reason").ShouldContain("cannot remove files");
    }

    [Fact]
    public async Task A_name_that_a_stranger_dropped_from_the_list_is_put_back_with_the_next_film()
    {
        await using var server = await StartAsync();
        var first = (await server.UploadAsync(clip.Path)).Text("id");
        await server.PublishAsync(first);
        _node.Put("m3u8_index_cache.json", """["theirs.m3u8"]"""u8.ToArray(), "application/json");
        server.Server.Clock.Advance(TimeSpan.FromSeconds(1)); // Names differ by the time.
        var second = (await server.UploadAsync(clip.Path)).Text("id");
        await server.PublishAsync(second);

        var names = JsonSerializer.Deserialize<string[]>(_node.Get("m3u8_index_cache.json"))!;
        names.Length.ShouldBe(3);
        names.ShouldContain("theirs.m3u8");
    }

    /// <summary>The target's pauses are real ones: the time of such a server stands still.</summary>
    private Task<PublishingServer> StartAsync() => PublishingServer.StartAsync(
        options: o =>
        {
            _node.Configure(o);
            o.Publish.Targets = new Dictionary<string, string> { ["web"] = Target };
        },
        configure: b => b.Services.AddSingleton(services => RemotePlaces.ForCommand(services.GetRequiredService<SluiceOptions>())));

    private static async Task<string[]> ListedAsync(SluiceServer server) =>
        JsonSerializer.Deserialize<string[]>(await server.Http.GetStringAsync("/m3u8_index_cache.json"))!;
}
