using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Media.Binary;
using Sluice.Server.Jobs;
using Sluice.Server.Sessions;
using Sluice.Server.Tests.Burned;
using Sluice.Server.Tests.Outbound.Remote;
using Sluice.Server.Tests.Rooms;
using Sluice.Server.Tests.Support;
using Xunit;
using static Sluice.Server.Tests.Sessions.DrawnPictures;

namespace Sluice.Server.Tests.Sessions;

/// <summary>Subtitles that are pictures, drawn into the picture of what a session plays when somebody asks for it.</summary>
public sealed class BurnedSessionTests(SubtitledFilm film) : IClassFixture<SubtitledFilm>
{
    [Fact]
    public async Task They_are_drawn_for_all_who_watch_and_taken_out_again()
    {
        await using var origin = await OriginAsync(film.Path);
        await using var server = await StartAsync();
        var session = await SessionServer.BeginAsync(server, origin.Url);
        using var ann = await RoomVisitor.EnterAsync(server, session.Text("room"), "Ann");
        await ann.SendAsync("""{"type":"seek","position":7}""");
        await ann.UntilAsync("state", s => Math.Abs(s.GetProperty("position").GetDouble() - 7) < 0.5);
        Told(session).ShouldBe((null, "2 hdmv_pgs_subtitle en, 3 hdmv_pgs_subtitle de"));
        var plain = session.GetProperty("playable");
        ShouldShow(await LookAsync(film, server, session), false);

        var drawn = await BurnAsync(server, session, "2");
        Told(drawn).ShouldBe((2, "2 hdmv_pgs_subtitle en, 3 hdmv_pgs_subtitle de"));
        drawn.GetProperty("playable").Text("id").ShouldNotBe(plain.Text("id"));
        drawn.GetProperty("playable").Text("film").ShouldBe(plain.Text("film"), "who watches stays where they are");
        ShouldShow(await LookAsync(film, server, drawn), true);
        (await new Player(server, drawn.GetProperty("playback").Text("hls")).TextAsync("master.m3u8")).ShouldContain("TYPE=SUBTITLES");
        (await SessionServer.BeginAsync(server, origin.Url, status: 200)).GetProperty("playable").ToString().ShouldBe(drawn.GetProperty("playable").ToString());

        // What was played before is there for a while, for those who have not heard, and then gone.
        (await Eventually.Holds(async () =>
            await SessionServer.StatusAsync(server, HttpMethod.Get, $"/stream/{plain.Text("id")}/master.m3u8?token={session.GetProperty("playback").Text("token")}") == 404)).ShouldBeTrue();

        var back = await BurnAsync(server, drawn, "null");
        Told(back).Burned.ShouldBeNull();
        ShouldShow(await LookAsync(film, server, back), false);
        await ann.SendAsync("""{"type":"pause"}""");
        (await ann.UntilAsync("state")).GetProperty("position").GetDouble().ShouldBe(7, 0.5, "the room did not begin anew");

        (await SessionServer.EndAsync(server, session)).EnsureSuccessStatusCode();
        await SessionServer.ShouldHaveNothingAsync(server);
        server.App.Services.GetRequiredService<RunningTasks>().Count.ShouldBe(0);
    }

    [Theory]
    [InlineData("dvd.mkv", "dvdsub", "dvd_subtitle")]
    [InlineData("dvd.mp4", "dvdsub", "dvd_subtitle")]
    [InlineData("dvb.ts", "dvbsub", "dvb_subtitle")]
    public async Task So_are_those_of_DVDs_and_of_television(string name, string codec, string called)
    {
        await using var origin = await OriginAsync(film.Converted(name, codec));
        await using var server = await StartAsync();
        var session = await SessionServer.BeginAsync(server, origin.Url);
        Told(session).Images.ShouldBe($"1 {called} -");

        ShouldShow(await LookAsync(film, server, await BurnAsync(server, session, "1")), true);
    }

    [Theory]
    [InlineData("2")]
    [InlineData("\"en\"")]
    public async Task From_the_beginning(string wanted)
    {
        await using var origin = await OriginAsync(film.Path);
        await using var server = await StartAsync();

        using var begun = await server.SendAsync(
            HttpMethod.Post, "/api/v1/sessions", json: $$"""{"url":{{JsonSerializer.Serialize(origin.Url)}},"burnSubtitles":{{wanted}}}""");
        ((int)begun.StatusCode).ShouldBe(201, await begun.Content.ReadAsStringAsync());

        var session = await SessionServer.BeginAsync(server, origin.Url, status: 200);
        Told(session).Burned.ShouldBe(2);
        ShouldShow(await LookAsync(film, server, session), true);
    }

    [Fact]
    public async Task What_cannot_be_drawn_is_told_and_changes_nothing()
    {
        await using var origin = await OriginAsync(film.Path);
        await using var server = await StartAsync();
        var session = await SessionServer.BeginAsync(server, origin.Url);

        foreach (var (track, why) in ((string, string)[])[("4", "Track 4 is text"), ("1", "Track 1 holds no subtitles"), ("\"sv\"", "It has no subtitles in 'sv'")])
        {
            using var answer = await PutAsync(server, session, $$"""{"track":{{track}}}""");
            var problem = await answer.ShouldBeProblemAsync(422, "subtitles-not-drawable");
            problem.Text("detail").ShouldStartWith(why);
            problem.Text("detail").ShouldEndWith("Subtitles that are pictures: track 2 (hdmv_pgs_subtitle, en), track 3 (hdmv_pgs_subtitle, de).");
        }

        using (var nothing = await PutAsync(server, session, "{}"))
        {
            await nothing.ShouldBeProblemAsync(422, "request-invalid");
        }

        using (var unknown = await server.SendAsync(HttpMethod.Put, $"/api/v1/sessions/{Sluice.Server.Catalog.AssetId.New()}/subtitles/burned", json: """{"track":2}"""))
        {
            await unknown.ShouldBeProblemAsync(404, "session-unknown");
        }

        var again = await SessionServer.BeginAsync(server, origin.Url, status: 200);
        again.GetProperty("playable").ToString().ShouldBe(session.GetProperty("playable").ToString());
        ShouldShow(await LookAsync(film, server, session), false);

        (await SessionServer.EndAsync(server, session)).EnsureSuccessStatusCode();
        await SessionServer.ShouldHaveNothingAsync(server);
    }

    [Fact]
    public async Task A_wrong_wish_at_the_beginning_leaves_nothing()
    {
        await using var origin = await OriginAsync(film.Path);
        await using var server = await StartAsync();

        using (var none = await BeginAsync("true"))
        {
            await none.ShouldBeProblemAsync(422, "request-invalid");
        }

        using (var wrong = await BeginAsync("4"))
        {
            if ((int)wrong.StatusCode == 201)
            {
                // This machine is slow, and who asked was told to come again.
                var late = await wrong.JsonAsync();
                (await Eventually.Holds(async () =>
                {
                    using var asked = await server.Http.GetAsync($"/api/v1/sessions/{late.Text("id")}");
                    var session = await asked.JsonAsync();
                    return session.Text("state") == "failed" && session.Text("reason").StartsWith("Track 4 is text", StringComparison.Ordinal);
                })).ShouldBeTrue();
                (await SessionServer.EndAsync(server, late)).EnsureSuccessStatusCode();
            }
            else
            {
                (await wrong.ShouldBeProblemAsync(422, "subtitles-not-drawable")).Text("detail").ShouldStartWith("Track 4 is text");
            }
        }

        await SessionServer.ShouldHaveNothingAsync(server);

        Task<HttpResponseMessage> BeginAsync(string track) => server.SendAsync(
            HttpMethod.Post, "/api/v1/sessions", json: $$"""{"url":{{JsonSerializer.Serialize(origin.Url)}},"burnSubtitles":{{track}}}""");
    }

    [Fact]
    public async Task Who_asks_last_is_right_and_the_end_of_the_session_is_the_end_of_it_all()
    {
        await using var origin = await OriginAsync(film.Path);
        await using var server = await StartAsync();
        var session = await SessionServer.BeginAsync(server, origin.Url);

        var wishes = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => PutAsync(server, session, $$"""{"track":{{2 + (i % 2)}}}""")));
        wishes.Select(w => (int)w.StatusCode).ShouldAllBe(s => s == 200 || s == 404);
        wishes.ShouldContain(w => w.IsSuccessStatusCode);
        Array.ForEach(wishes, w => w.Dispose());
        (await BurnAsync(server, session, "3")).GetProperty("subtitles").GetProperty("burned").GetInt32().ShouldBe(3);

        var late = PutAsync(server, session, """{"track":2}""");
        (await SessionServer.EndAsync(server, session)).EnsureSuccessStatusCode();
        (await late).Dispose();
        await SessionServer.ShouldHaveNothingAsync(server);
        server.App.Services.GetRequiredService<RunningTasks>().Count.ShouldBe(0);
    }

    [Fact]
    public async Task Nothing_is_drawn_into_a_title_of_the_library()
    {
        await using var server = await StartAsync();
        await using var stream = File.OpenRead(film.Converted("dvd.mp4", "dvdsub"));
        using var form = new MultipartFormDataContent { { new StreamContent(stream), "media", "a.mp4" } };
        using var uploaded = await server.Http.PostAsync("/api/v1/media", form);
        var media = (await uploaded.JsonAsync()).Text("id");

        using var wish = await server.SendAsync(HttpMethod.Post, "/api/v1/sessions", json: $$"""{"mediaId":"{{media}}","burnSubtitles":"1"}""");
        (await wish.ShouldBeProblemAsync(422, "request-invalid")).Text("detail").ShouldContain("PUT /api/v1/media/{id}/subtitles/burned");
        using var begun = await server.SendAsync(HttpMethod.Post, "/api/v1/sessions", json: $$"""{"mediaId":"{{media}}"}""");
        var session = await begun.JsonAsync();
        session.GetProperty("subtitles").ValueKind.ShouldBe(JsonValueKind.Null);
        using var answer = await PutAsync(server, session, """{"track":1}""");
        await answer.ShouldBeProblemAsync(422, "subtitles-not-drawable");
    }

    [Fact]
    public async Task Without_ffmpeg_none_are_offered()
    {
        await using var origin = await OriginAsync(film.Path);
        await using var server = await SessionServer.StartAsync(o => o.Sessions.IdleSeconds = 86_400);
        var session = await SessionServer.BeginAsync(server, origin.Url);
        Told(session).Images.ShouldBe("");

        using var answer = await PutAsync(server, session, """{"track":2}""");
        (await answer.ShouldBeProblemAsync(422, "subtitles-not-drawable")).Text("detail").ShouldStartWith("Nothing can be drawn into the picture here");
    }

    private static async Task<RangeOrigin> OriginAsync(string path)
    {
        var origin = await RangeOrigin.StartAsync();
        origin.Content = new MemoryByteSource(await File.ReadAllBytesAsync(path));
        return origin;
    }
}
