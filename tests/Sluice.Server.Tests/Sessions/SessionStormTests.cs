using System.Text.Json;
using Shouldly;
using Sluice.Media.Binary;
using Sluice.Media.Tests.Building;
using Sluice.Server.Tests.Live;
using Sluice.Server.Tests.Outbound.Remote;
using Sluice.Server.Tests.Processes;
using Sluice.Server.Tests.Sessions.Storm;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Sessions;

/// <summary>People who begin, play, hang up and stop at random, and somebody who kills what the program has started, and the program itself: afterwards
/// nothing is left. <c>./dev bench sessions</c> does it five hundred times.</summary>
public sealed class SessionStormTests(LiveSegments segments, FilmSwarm swarm) : IClassFixture<LiveSegments>, IClassFixture<FilmSwarm>
{
    private const int Actions = 40;
    private const int Most = 4;
    private const int Seed = 20261122;

    [Fact]
    public async Task After_a_storm_nothing_is_left()
    {
        Shell.RequireLinux();
        await using var films = await RangeOrigin.StartAsync();
        films.Content = LongTitle.Of(TimeSpan.FromMinutes(10));
        await using var odd = await RangeOrigin.StartAsync();
        odd.Content = new MemoryByteSource(await MakeOddAsync());
        await using var live = await Upstream.StartAsync();
        for (var n = 0; n < segments.All.Count; n++)
        {
            live.Files[$"live/{n}.ts"] = segments.All[n];
        }

        live.Files["live/film.m3u8"] = ChannelServer.List(0, 12, "#EXT-X-ENDLIST");
        StormSource[] sources =
        [
            .. Enumerable.Range(0, Most).Select(n => new StormSource("film", $"{films.Home}{n}.mp4")), new("AVI", $"{odd.Home}odd.avi"),
            new("playlist", live.Url("live/film.m3u8").Secret), new("torrent", swarm.Torrent.Magnet(swarm.Tracker)), new("nothing", live.Url("none.mp4").Secret, Plays: false),
            new("an option", "--script=x", Plays: false),
        ];
        await using var server = new KillableServer($"""
            outbound:
              allow: ["127.0.0.0/8"]
            ingest:
              resolvers: false
            sessions:
              most: {Most}
              scratchBytes: {Most * films.Content.Length}
            """);
        await server.StartAsync();
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = server.Home, Timeout = Eventually.Patience };
        var tally = new StormTally();
        var visitors = new StormVisitors(http, tally);
        var storm = new SessionStorm(server, server.Leavings, visitors, sources, tally, new Random(Seed));

        await storm.RunAsync(Actions);
        await storm.StrikeAsync(Actions, []);
        await storm.RunAsync(Actions);
        await visitors.CalmAsync();

        tally.Complaints.ShouldBeEmpty(server.Said);
        tally.Sum("begun").ShouldBeGreaterThan(5);
        storm.Strikes.ShouldNotBeEmpty();
        storm.Strikes.SelectMany(strike => strike.Left).ShouldBeEmpty();
        (await visitors.ListAsync()).ShouldBeEmpty();

        // The engine stays for half a minute.
        (await Eventually.Holds(() => server.Leavings.Programs(server.Pid).All(program => program.IsEngine))).ShouldBeTrue("a program is left");
        (await Eventually.Holds(() => server.Leavings.Files().Length == 0)).ShouldBeTrue(string.Join(", ", server.Leavings.Files()));
        (await Eventually.Holds(() => server.Leavings.Rows().Length == 0)).ShouldBeTrue(string.Join(", ", server.Leavings.Rows()));

        // As many as may, which together keep all that may be kept: no place and no byte has leaked.
        foreach (var source in sources[..Most])
        {
            var wish = $$"""{"url":{{JsonSerializer.Serialize(source.Address)}}}""";
            using var begun = await http.PostAsync("/api/v1/sessions", new StringContent(wish, null, "application/json"));
            ((int)begun.StatusCode).ShouldBe(201, await begun.Content.ReadAsStringAsync());
        }

        await server.KillAsync();
        (await Eventually.Holds(() => server.Leavings.Programs(null).Length == 0)).ShouldBeTrue("a program outlives the server");
    }

    /// <summary>Ten seconds that must be encoded.</summary>
    private static async Task<byte[]> MakeOddAsync()
    {
        var folder = Directory.CreateTempSubdirectory("sluice-storm-");
        var file = Path.Combine(folder.FullName, "odd.avi");
        Ffmpeg.Run(
            $"-f lavfi -i testsrc2=size=160x90:rate=15:duration=10 -f lavfi -i sine=frequency=440:duration=10 -c:v mpeg4 -q:v 9 -c:a libmp3lame -f avi {file}");
        var bytes = await File.ReadAllBytesAsync(file);
        folder.Delete(recursive: true);
        return bytes;
    }
}
