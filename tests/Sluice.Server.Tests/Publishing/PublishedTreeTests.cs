using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Tests.Deliver;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Publishing;

/// <summary>What lies in the folder is what the server itself delivers, and plays from somebody's plain web server.</summary>
public sealed class PublishedTreeTests(Clip clip, Captioned captioned) : IClassFixture<Clip>, IClassFixture<Captioned>, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-films-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_film_with_two_sounds_is_as_the_server_delivers_it_and_plays()
    {
        await using var server = await PublishingServer.StartAsync();
        var id = (await server.UploadAsync(clip.Path)).Text("id");
        var view = await server.PublishAsync(id);

        await ShouldBeDeliveredAsync(server, id);
        view.GetProperty("entrances").EnumerateArray().Select(e => e.GetString()).ShouldBe([$"{id}/master.m3u8", $"{id}/manifest.mpd"]);
        view.GetProperty("bytes").GetInt64().ShouldBe(server.Files().Where(f => !f.EndsWith("sluice-tree.json", StringComparison.Ordinal))
            .Sum(f => new FileInfo(Path.Combine(server.Web, f)).Length));
        var source = await PacketStream.ReadAsync(clip.Path);
        await using var site = await StaticSite.StartAsync(server.Web);
        foreach (var manifest in (string[])["master.m3u8", "manifest.mpd"])
        {
            var ours = await PacketStream.ReadAsync(site.Of($"{id}/{manifest}"), "v");
            ours.ShouldHaveSingleItem(manifest).Packets.Select(p => p.Hash).ShouldBe(source[0].Packets.Select(p => p.Hash), manifest);
        }

        using var schema = DashSchema.Require();
        schema.Errors(await site.Http.GetStringAsync(site.Of($"{id}/manifest.mpd"))).ShouldBeEmpty();
    }

    [Fact]
    public async Task Subtitles_poster_and_storyboard_are_published_too()
    {
        await using var server = await PublishingServer.StartAsync();
        var media = await server.UploadAsync(captioned.Path);
        await Captioned.MakeExtrasAsync(server.Server, media.Text("id"));
        await server.PublishAsync(media.Text("id"));

        await ShouldBeDeliveredAsync(server, media.Text("id"));
        server.Files().Count(f => f.EndsWith(".vtt", StringComparison.Ordinal)).ShouldBe(5);
        server.Files().ShouldContain(media.Text("id") + "/poster.jpg");
        var board = await File.ReadAllTextAsync(Path.Combine(server.Web, media.Text("id"), "storyboard.vtt"));
        board.ShouldContain("storyboard-1.jpg#xywh=");
        server.Files().ShouldContain(media.Text("id") + "/storyboard-1.jpg");
        using var schema = DashSchema.Require();
        schema.Errors(await File.ReadAllTextAsync(Path.Combine(server.Web, media.Text("id"), "manifest.mpd"))).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("sound.m4a", "-f lavfi -i sine=440:r=44100:d=9 -c:a aac")]
    [InlineData("silent.mp4", "-f lavfi -i testsrc2=s=64x36:r=10:d=9 -c:v libx264 -g 10")]
    [InlineData("vp9.mp4", "-f lavfi -i testsrc2=s=64x36:r=10:d=9 -f lavfi -i sine=440:d=9 -c:v libvpx-vp9 -deadline realtime -g 10 -c:a libopus")]
    [InlineData("fragmented.mp4", "-f lavfi -i testsrc2=s=64x36:r=10:d=9 -f lavfi -i sine=440:d=9 -c:v libx264 -g 10 -c:a aac -movflags frag_keyframe+empty_moov")]
    public async Task Other_kinds_of_titles_too(string name, string recipe)
    {
        var film = Path.Combine(_folder.FullName, name);
        Ffmpeg.Make(recipe, film);
        await using var server = await PublishingServer.StartAsync();
        var id = (await server.UploadAsync(film)).Text("id");
        await server.PublishAsync(id);

        await ShouldBeDeliveredAsync(server, id);
        var source = await PacketStream.ReadAsync(film);
        await using var site = await StaticSite.StartAsync(server.Web);
        foreach (var stream in source)
        {
            var ours = await PacketStream.ReadAsync(site.Of(id + "/master.m3u8"), stream.Kind[..1]);
            ours.ShouldHaveSingleItem().Packets.Select(p => p.Hash).ShouldBe(stream.Packets.Select(p => p.Hash), stream.Kind);
        }
    }

    [Theory]
    [InlineData("clip.mp4")]
    [InlineData("Grüße aus 東京, v1.0 (final) 100%.mp4")]
    public async Task As_mpeg_ts_it_has_flat_names_and_a_place_in_the_list(string name)
    {
        var film = Path.Combine(_folder.FullName, name);
        File.Copy(clip.Path, film);
        await using var server = await PublishingServer.StartAsync();
        var id = (await server.UploadAsync(film)).Text("id");
        var view = await server.PublishAsync(id, """{"target": "web", "form": "ts"}""");

        var playlist = view.GetProperty("entrances").EnumerateArray().ShouldHaveSingleItem().GetString()!;
        var title = playlist[..^".m3u8".Length];
        var version = await VersionAsync(server, id);
        var segments = $"{title}_{version}-v0-a0_";
        title.ShouldBe($"{Path.GetFileNameWithoutExtension(name)}_{server.Server.Clock.GetUtcNow().ToUnixTimeMilliseconds()}");
        server.Files().Where(f => f[0] != '.').ShouldBe(
            ["m3u8_index_cache.json", playlist, title + ".json", .. Enumerable.Range(1, 3).Select(n => $"{segments}{n}.ts")], ignoreOrder: true);
        (await File.ReadAllTextAsync(Path.Combine(server.Web, "m3u8_index_cache.json"))).ShouldContain($"\"{playlist}\"");

        await using var site = await StaticSite.StartAsync(server.Web);
        var lines = (await site.Http.GetStringAsync(site.Of("m3u8/" + playlist))).Split('\n');
        lines.Where(l => l.EndsWith(".ts", StringComparison.Ordinal)).ShouldBe(
            Enumerable.Range(1, 3).Select(n => string.Create(CultureInfo.InvariantCulture, $"/ts/{Uri.EscapeDataString(segments)}{n}.ts")));
        var source = await PacketStream.ReadAsync(clip.Path);
        var ours = await PacketStream.ReadAsync(site.Of("m3u8/" + playlist));
        ours.Count.ShouldBe(2, "picture and the first sound");
        ours.Single(s => s.Kind == "video").Packets.Count.ShouldBe(source.Single(s => s.Kind == "video").Packets.Count);
        ours.Single(s => s.Kind == "audio").Packets.Count
            .ShouldBeInRange(source.First(s => s.Kind == "audio").Packets.Count - 1, source.First(s => s.Kind == "audio").Packets.Count, "the priming may be left out");
        for (var n = 1; n <= 3; n++)
        {
            (await File.ReadAllBytesAsync(Path.Combine(server.Web, $"{segments}{n}.ts")))
                .ShouldBe(await DeliveredAsync(server, id, $"{version}/ts/v0-a0/{n}.ts"));
        }

        await server.UnpublishAsync(id);
        server.Files().Where(f => f[0] != '.').ShouldBe(["m3u8_index_cache.json"]);
        (await File.ReadAllTextAsync(Path.Combine(server.Web, "m3u8_index_cache.json"))).ShouldNotContain(".m3u8");
    }

    [Fact]
    public async Task Another_packaging_has_segments_of_other_names_under_the_same_playlist()
    {
        await using var server = await PublishingServer.StartAsync();
        var id = (await server.UploadAsync(clip.Path)).Text("id");
        await server.PublishAsync(id, """{"target": "web", "form": "ts"}""");
        var before = Segments();
        var playlist = server.Files().Single(f => f.EndsWith(".m3u8", StringComparison.Ordinal));

        await server.Server.App.Services.GetRequiredService<AssetDirectory>()
            .UpdateAsync(AssetId.Parse(id, null), a => a with { Version = "0123456789ab" }, default);
        await server.PublishAsync(id, """{"target": "web", "form": "ts"}""");

        var after = Segments();
        after.Length.ShouldBe(before.Length);
        after.Intersect(before).ShouldBeEmpty("caches keep those of the older one");
        var named = (await File.ReadAllLinesAsync(Path.Combine(server.Web, playlist))).Where(l => l.StartsWith("/ts/", StringComparison.Ordinal));
        named.Select(l => Uri.UnescapeDataString(l["/ts/".Length..])).ShouldBe(after, ignoreOrder: true);

        string[] Segments() => [.. server.Files().Where(f => f.EndsWith(".ts", StringComparison.Ordinal))];
    }

    [Fact]
    public async Task A_title_that_mpeg_ts_does_not_carry_fails_with_what_to_do()
    {
        var film = Path.Combine(_folder.FullName, "vp9.mp4");
        Ffmpeg.Make("-f lavfi -i testsrc2=s=64x36:r=10:d=3 -c:v libvpx-vp9 -deadline realtime", film);
        await using var server = await PublishingServer.StartAsync();
        var id = (await server.UploadAsync(film)).Text("id");
        using var asked = await server.AskAsync(id, """{"target": "web", "form": "ts"}""");

        (await server.StateAsync(id, "failed")).Text("reason").ShouldContain("Publish it as CMAF");
        server.Files().ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_encoded_is_published_when_all_of_it_is()
    {
        var film = Path.Combine(_folder.FullName, "film.avi");
        Ffmpeg.Make("-f lavfi -i testsrc2=s=160x90:r=10:d=12 -f lavfi -i sine=440:d=12 -c:v mpeg4 -q:v 5 -g 10 -c:a ac3", film);
        await using var server = await PublishingServer.StartAsync(
            options: o => (o.Transcode.Enabled, o.Ladder) = (true, [90]), configure: b => b.Services.AddSingleton(TimeProvider.System));
        var id = (await server.UploadAsync(film)).Text("id");
        await server.PublishAsync(id);

        await ShouldBeDeliveredAsync(server, id);
        await using var site = await StaticSite.StartAsync(server.Web);
        var pictures = await PacketStream.ReadAsync(site.Of(id + "/master.m3u8"), "v");
        pictures.ShouldHaveSingleItem().Packets.Count.ShouldBe(120);
    }

    /// <summary>Every file of the tree is what the server answers at the same place, and every file that a manifest names is there.</summary>
    internal static async Task ShouldBeDeliveredAsync(PublishingServer server, string id)
    {
        var files = server.Files().Where(f => f.StartsWith(id + "/", StringComparison.Ordinal)).Select(f => f[(id.Length + 1)..])
            .Where(f => f != "sluice-tree.json").ToList();
        foreach (var file in files)
        {
            (await File.ReadAllBytesAsync(Path.Combine(server.Web, id, file))).ShouldBe(await DeliveredAsync(server, id, file), file);
        }

        var named = new HashSet<string>(["master.m3u8", "manifest.mpd"]);
        named.UnionWith(files.Where(f => f == "poster.jpg"));
        if (files.Contains("storyboard.vtt"))
        {
            var board = await File.ReadAllTextAsync(Path.Combine(server.Web, id, "storyboard.vtt"));
            named.UnionWith(Regex.Matches(board, "^storyboard-[0-9]+\\.jpg", RegexOptions.Multiline, TimeSpan.FromSeconds(5)).Select(m => m.Value).Append("storyboard.vtt"));
        }

        foreach (var playlist in files.Where(f => f.EndsWith(".m3u8", StringComparison.Ordinal)))
        {
            var text = await File.ReadAllTextAsync(Path.Combine(server.Web, id, playlist));
            var folder = playlist[..(playlist.LastIndexOf('/') + 1)];
            named.UnionWith(Regex.Matches(text, "^(?!#)(?<uri>\\S+)|URI=\"(?<uri>[^\"]+)\"", RegexOptions.Multiline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5))
                .Select(m => folder + m.Groups["uri"].Value));
        }

        var mpd = await File.ReadAllTextAsync(Path.Combine(server.Web, id, "manifest.mpd"));
        named.UnionWith(Regex.Matches(mpd, "<BaseURL>(?<uri>[^<]+)</BaseURL>", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5)).Select(m => m.Groups["uri"].Value));
        files.ShouldBe(named, ignoreOrder: true);
    }

    private static async Task<string> VersionAsync(PublishingServer server, string id) =>
        Encoding.UTF8.GetString(await DeliveredAsync(server, id, "master.m3u8")).Split('\n')
            .First(l => l.EndsWith("/v0/index.m3u8", StringComparison.Ordinal)).Split('/')[0];

    private static async Task<byte[]> DeliveredAsync(PublishingServer server, string id, string file)
    {
        using var issued = await server.Http.PostAsync($"/api/v1/media/{id}/tokens", new StringContent("{}", Encoding.UTF8, "application/json"));
        using var answer = await server.Server.SendAsync(HttpMethod.Get, $"/stream/{id}/{file}", bearer: (await issued.JsonAsync()).Text("token"));
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsByteArrayAsync();
    }
}
