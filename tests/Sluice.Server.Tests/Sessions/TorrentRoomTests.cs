using System.Net;
using Shouldly;
using Sluice.Server.Tests.Rooms;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Sessions;

/// <summary>A magnet link as RSD's page sends it, and the room of its session when another file is chosen.</summary>
public sealed class TorrentRoomTests(FilmSwarm swarm) : IClassFixture<FilmSwarm>
{
    [Theory]
    [InlineData("url")]
    [InlineData("magnet")]
    public async Task The_same_people_stay_in_the_room_and_begin_with_the_other_file(string field)
    {
        await using var server = await SessionServer.StartAsync(options =>
        {
            options.Sessions.IdleSeconds = 86_400; // The clock runs fast; nobody is to be given up because this machine is slow.
            options.Sessions.OpenSeconds = 86_400;
        });
        using var form = new FormUrlEncodedContent([new(field, swarm.Torrent.Magnet(swarm.Tracker))]);
        using var started = await server.Http.PostAsync("/stream/kitchen", form);
        started.StatusCode.ShouldBe(HttpStatusCode.OK, await started.Content.ReadAsStringAsync());
        var session = await SessionServer.BeginAsync(server, swarm.Torrent.Magnet(swarm.Tracker), status: 200);
        session.Text("state").ShouldBe("ready");
        using (var playlist = await server.Http.GetAsync("/streams/kitchen/playlist.m3u8"))
        {
            playlist.Headers.Location!.ToString().ShouldContain("/ts/");
        }

        using var ann = await RoomVisitor.EnterAsync(server, session.Text("room"));
        await ann.SendAsync("""{"type":"seek","position":5000}""");
        (await ann.UntilAsync("state")).GetProperty("position").GetDouble().ShouldBe(FilmSwarm.Long.TotalSeconds, 1);

        using var chosen = await server.SendAsync(HttpMethod.Post, $"/api/v1/sessions/{session.Text("id")}/file", json: """{"index":0}""");
        chosen.IsSuccessStatusCode.ShouldBeTrue(await chosen.Content.ReadAsStringAsync());

        var state = await ann.UntilAsync("state");
        (state.GetProperty("position").GetDouble(), state.GetProperty("paused").GetBoolean()).ShouldBe((0, true));
        await ann.SendAsync("""{"type":"seek","position":5000}""");
        (await ann.UntilAsync("state")).GetProperty("position").GetDouble().ShouldBe(FilmSwarm.Short.TotalSeconds, 1);
    }
}
