using System.Net;
using Shouldly;
using Sluice.Media.Tests.Building;
using Sluice.Server.Tests.Support;
using Sluice.Server.Tests.Torrents;
using Xunit;

namespace Sluice.Server.Tests.Sessions;

/// <summary>A Matroska film in a torrent plays straight from its clusters, while hardly more of it comes than what is watched.</summary>
public sealed class MatroskaTorrentTests(MatroskaTorrentTests.MatroskaSwarm swarm) : IClassFixture<MatroskaTorrentTests.MatroskaSwarm>
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(8);

    [Fact]
    public async Task Its_beginning_and_what_lies_at_four_fifths_play_with_hardly_anything_downloaded()
    {
        await using var server = await SessionServer.StartAsync(options => (options.Sessions.IdleSeconds, options.Sessions.OpenSeconds) = (86_400, 86_400));
        var session = await SessionServer.BeginAsync(server, swarm.Torrent.Magnet(swarm.Tracker));
        session.Text("state").ShouldBe("ready", session.Text("reason"));
        var player = new Player(server, session.GetProperty("playback").Text("hls"));
        var version = (await player.TracksAsync())[0].Version;

        foreach (var number in new[] { 1, (int)(Long.TotalSeconds / 6 * 0.8) })
        {
            byte[] segment = [];
            (await Eventually.Holds(async () =>
            {
                using var answer = await player.GetAsync($"{version}/v0/{number}.m4s");
                ((int)answer.StatusCode).ShouldBeOneOf(200, 503);
                segment = answer.StatusCode == HttpStatusCode.OK ? await answer.Content.ReadAsByteArrayAsync() : segment;
                return segment.Length > 0;
            })).ShouldBeTrue();
            var pictures = LongMatroska.Pictures(number);
            segment.AsSpan(segment.Length - pictures.Length).SequenceEqual(pictures).ShouldBeTrue($"segment {number}");
        }

        long fetched = 0;
        (await Eventually.Holds(async () =>
        {
            using var asked = await server.Http.GetAsync($"/api/v1/sessions/{session.Text("id")}");
            fetched = (await asked.JsonAsync()).GetProperty("fetchedBytes").GetInt64();
            return fetched > 1 << 20;
        })).ShouldBeTrue();
        fetched.ShouldBeLessThan(LongMatroska.Of(Long, cuesLast: true).Length * 15 / 100);
    }

    /// <summary>A film whose Cues lie behind its clusters.</summary>
    public sealed class MatroskaSwarm : Swarm
    {
        private protected override async Task<TestTorrent> MakeAsync(string folder)
        {
            var film = LongMatroska.Of(Long, cuesLast: true);
            var bytes = new byte[film.Length];
            film.Read(0, bytes).ShouldBe(bytes.Length);
            await File.WriteAllBytesAsync(Path.Combine(folder, "film.mkv"), bytes);
            return TestTorrent.OneFile("film.mkv", bytes, PieceBytes, Tracker);
        }
    }
}
