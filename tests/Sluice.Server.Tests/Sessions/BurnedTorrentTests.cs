using Shouldly;
using Sluice.Server.Tests.Burned;
using Sluice.Server.Tests.Support;
using Sluice.Server.Tests.Torrents;
using Xunit;
using static Sluice.Server.Tests.Sessions.DrawnPictures;

namespace Sluice.Server.Tests.Sessions;

/// <summary>Subtitles that are pictures, drawn into films of a torrent.</summary>
public sealed class BurnedTorrentTests(SubtitledFilm film, BurnedTorrentTests.SubtitledSwarm swarm)
    : IClassFixture<SubtitledFilm>, IClassFixture<BurnedTorrentTests.SubtitledSwarm>
{
    [Fact]
    public async Task Another_file_begins_without_them()
    {
        await using var server = await StartAsync();
        var session = await SessionServer.BeginAsync(server, swarm.Torrent.Magnet(swarm.Tracker));
        (session.Text("state"), Told(session).Burned).ShouldBe(("ready", null));
        var first = await BurnAsync(server, session, "2");
        ShouldShow(await LookAsync(film, server, first), true);

        using (await server.SendAsync(HttpMethod.Post, $"/api/v1/sessions/{session.Text("id")}/file", json: """{"index":1}"""))
        {
            session = await SessionServer.BeginAsync(server, swarm.Torrent.Magnet(swarm.Tracker), status: 200);
        }

        Told(session).ShouldBe((null, "1 dvd_subtitle -"));
        session.GetProperty("playable").Text("film").ShouldNotBe(first.GetProperty("playable").Text("film"));
        ShouldShow(await LookAsync(film, server, session), false);
        ShouldShow(await LookAsync(film, server, await BurnAsync(server, session, "1")), true);
        (await SessionServer.EndAsync(server, session)).EnsureSuccessStatusCode();
        await SessionServer.ShouldHaveNothingAsync(server);
    }

    /// <summary>Two films with subtitles.</summary>
    public sealed class SubtitledSwarm : Swarm
    {
        private protected override async Task<TestTorrent> MakeAsync(string folder)
        {
            using var film = new SubtitledFilm();
            (string[] Path, byte[] Content)[] files =
                [(["a.mkv"], await File.ReadAllBytesAsync(film.Path)), (["b.mkv"], await File.ReadAllBytesAsync(film.Converted("dvd.mkv", "dvdsub")))];
            var home = Directory.CreateDirectory(Path.Combine(folder, "Films")).FullName;
            foreach (var (path, content) in files)
            {
                await File.WriteAllBytesAsync(Path.Combine(home, path[0]), content);
            }

            return TestTorrent.Of(TestTorrent.Files("Films", PieceBytes, files).Info, Tracker);
        }
    }
}
