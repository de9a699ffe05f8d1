using System.Net;
using System.Text.Json;
using Shouldly;
using Sluice.Server.Tests.Cli;
using Sluice.Server.Tests.Deliver;
using Sluice.Server.Tests.Store.PipeKv;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Publishing;

/// <summary>Without a key-value store the server gives players what was published as MPEG-TS into a folder of its configuration.</summary>
public sealed class PublishedFolderTests(Clip clip) : IClassFixture<Clip>, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-flat-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task What_a_command_published_there_is_listed_and_plays()
    {
        await using var server = await StartAsync();
        (await server.Http.GetStringAsync("/m3u8_index_cache.json")).ShouldBe("[]");

        var run = await SluiceProcess.RunAsync(["package", clip.Path, "--to", _folder.FullName, "--ts"]);
        run.Code.ShouldBe(0, run.Errors);

        var name = JsonSerializer.Deserialize<string[]>(await server.Http.GetStringAsync("/m3u8_index_cache.json"))!.ShouldHaveSingleItem();
        var played = await PacketStream.ReadAsync(new Uri(server.Http.BaseAddress!, "m3u8/" + name).AbsoluteUri, "v");
        played.ShouldHaveSingleItem().Packets.Count.ShouldBe(13 * 25);
        (await (await server.Http.GetAsync("/api/v1/pipekv")).JsonAsync()).GetProperty("names").GetArrayLength().ShouldBe(1);

        var segment = (await server.Http.GetStringAsync("/m3u8/" + name)).Split('\n').First(line => line.StartsWith("/ts/", StringComparison.Ordinal));
        using var part = new HttpRequestMessage(HttpMethod.Get, segment);
        part.Headers.Range = new(0, 187);
        using var answer = await server.Http.SendAsync(part);
        (answer.StatusCode, (await answer.Content.ReadAsByteArrayAsync())[0]).ShouldBe((HttpStatusCode.PartialContent, (byte)0x47));
        answer.Headers.ETag.ShouldNotBeNull().IsWeak.ShouldBeFalse();
    }

    [Fact]
    public async Task Another_file_in_its_place_has_another_tag()
    {
        await using var server = await StartAsync();
        await File.WriteAllTextAsync(At("m3u8_index_cache.json"), "[]");
        await File.WriteAllBytesAsync(At("a.ts"), KvNode.Segment(1));
        using var before = await server.Http.GetAsync("/ts/a.ts");
        await File.WriteAllBytesAsync(At("a.ts"), KvNode.Segment(2));
        File.SetLastWriteTimeUtc(At("a.ts"), DateTime.UtcNow.AddSeconds(5));
        using var after = await server.Http.GetAsync("/ts/a.ts");

        after.Headers.ETag.ShouldNotBe(before.Headers.ETag);
        (await after.Content.ReadAsByteArrayAsync()).ShouldBe(KvNode.Segment(2));
    }

    [Theory]
    [InlineData("/ts/secret.txt")]
    [InlineData("/ts/..%2Fsluice-outside.ts")]
    [InlineData("/ts/.hidden.ts")]
    [InlineData("/ts/sub%2Fa.ts")]
    [InlineData("/ts/sub.ts")]
    [InlineData("/m3u8/none.m3u8")]
    public async Task Nothing_else_of_it_is_given(string path)
    {
        await using var server = await StartAsync();
        Directory.CreateDirectory(At("sub.ts"));
        Directory.CreateDirectory(At("sub"));
        foreach (var name in (string[])["secret.txt", "../sluice-outside.ts", ".hidden.ts", "sub/a.ts", "sub.ts/a.ts"])
        {
            await File.WriteAllTextAsync(At(name), "a secret");
        }

        await File.WriteAllTextAsync(At("m3u8_index_cache.json"), "[]");
        using var answer = await server.Http.GetAsync(path);

        ((int)answer.StatusCode).ShouldBeOneOf(403, 404);
        (await answer.Content.ReadAsStringAsync()).ShouldNotContain("a secret");
        File.Delete(At("../sluice-outside.ts"));
    }

    [Fact]
    public async Task A_folder_without_a_list_gives_nothing()
    {
        await using var server = await StartAsync();
        await File.WriteAllBytesAsync(At("a.ts"), KvNode.Segment(1));
        await (await server.Http.GetAsync("/ts/a.ts")).ShouldBeProblemAsync(404, "published-unknown");
    }

    [Fact]
    public async Task Where_there_is_a_node_the_node_is_asked()
    {
        await using var node = await KvNode.StartAsync();
        node.Put("a.ts", KvNode.Segment(1));
        await File.WriteAllBytesAsync(At("a.ts"), KvNode.Segment(2));
        await File.WriteAllTextAsync(At("m3u8_index_cache.json"), "[]");
        await using var server = await SluiceServer.StartAsync(options =>
        {
            node.Configure(options);
            options.Publish.Targets = new Dictionary<string, string> { ["flat"] = _folder.FullName };
        });
        (await server.Http.GetByteArrayAsync("/ts/a.ts")).ShouldBe(KvNode.Segment(1));
    }

    private string At(string name) => Path.Combine(_folder.FullName, name);

    private Task<SluiceServer> StartAsync() =>
        SluiceServer.StartAsync(options => options.Publish.Targets = new Dictionary<string, string> { ["flat"] = _folder.FullName });
}
