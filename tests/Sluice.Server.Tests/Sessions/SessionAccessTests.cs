using System.Net;
using Shouldly;
using Sluice.Media.Tests.Building;
using Sluice.Server.Tests.Outbound.Remote;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Sessions;

/// <summary>Who may begin a session, and who may join it.</summary>
public sealed class SessionAccessTests
{
    [Fact]
    public async Task The_operator_begins_and_whoever_has_the_link_joins()
    {
        await using var origin = await RangeOrigin.StartAsync();
        origin.Content = LongTitle.Of(TimeSpan.FromMinutes(1));
        await using var server = await SessionServer.StartAsync(guarded: true);
        var json = $$"""{"url":"{{origin.Url}}"}""";

        using var stranger = await server.SendAsync(HttpMethod.Post, "/api/v1/sessions", json: json);
        await stranger.ShouldBeProblemAsync(401, "key-missing");
        origin.Asked.ShouldBeEmpty();
        using var begun = await server.SendAsync(HttpMethod.Post, "/api/v1/sessions", bearer: server.NewOperatorKey, json: json);
        var id = (await begun.JsonAsync()).Text("id");

        using var joined = await server.SendAsync(HttpMethod.Get, $"/api/v1/sessions/{id}");
        var playback = (await joined.JsonAsync()).GetProperty("playback");
        (await SessionServer.StatusAsync(server, HttpMethod.Get, playback.Text("hls"))).ShouldBe(200);
        (await SessionServer.StatusAsync(server, HttpMethod.Post, $"/api/v1/sessions/{id}/heartbeat")).ShouldBe(200);
        (await RightsAsync(server, id)).ShouldBe((false, false));
        (await RightsAsync(server, id, server.NewOperatorKey)).ShouldBe((true, true));
        using var invited = await server.SendAsync(HttpMethod.Get, $"/sessions/{id}");
        invited.Content.Headers.ContentType?.MediaType.ShouldBe("text/html");

        (await SessionServer.StatusAsync(server, HttpMethod.Get, "/api/v1/sessions")).ShouldBe(401);
        (await SessionServer.StatusAsync(server, HttpMethod.Delete, $"/api/v1/sessions/{id}")).ShouldBe(401);
        foreach (var guess in (string[])["0000000000000000", "x", "..%2f"])
        {
            (await SessionServer.StatusAsync(server, HttpMethod.Get, $"/api/v1/sessions/{guess}")).ShouldBe(404, guess);
        }
    }

    [Fact]
    public async Task Where_sessions_are_open_anyone_begins_and_ends_them_and_only_them()
    {
        await using var origin = await RangeOrigin.StartAsync();
        origin.Content = LongTitle.Of(TimeSpan.FromMinutes(1));
        await using var server = await SessionServer.StartAsync(options => options.Sessions.Open = true, guarded: true);

        var session = await SessionServer.BeginAsync(server, origin.Url);
        using var byName = await server.SendAsync(HttpMethod.Post, "/api/v1/sessions", json: $$"""{"mediaId":"{{session.GetProperty("playable").Text("id")}}"}""");
        await byName.ShouldBeProblemAsync(401, "key-missing");

        (await RightsAsync(server, session.Text("id"))).ShouldBe((true, false));
        (await SessionServer.StatusAsync(server, HttpMethod.Get, "/api/v1/sessions")).ShouldBe(401);
        (await SessionServer.StatusAsync(server, HttpMethod.Get, "/api/v1/media")).ShouldBe(401);
        (await SessionServer.StatusAsync(server, HttpMethod.Delete, $"/api/v1/sessions/{session.Text("id")}")).ShouldBe(204);
    }

    [Fact]
    public async Task Where_sessions_are_open_the_page_of_another_site_begins_and_ends_none()
    {
        await using var origin = await RangeOrigin.StartAsync();
        origin.Content = LongTitle.Of(TimeSpan.FromMinutes(1));
        await using var server = await SessionServer.StartAsync(options => options.Sessions.Open = true, guarded: true);
        var json = $$"""{"url":"{{origin.Url}}"}""";
        var evil = ("Origin", "https://evil.example");
        var own = ("Origin", server.Http.BaseAddress!.GetLeftPart(UriPartial.Authority));

        using var refused = await server.SendAsync(HttpMethod.Post, "/api/v1/sessions", json: json, headers: evil);
        await refused.ShouldBeProblemAsync(403, "origin-refused");
        origin.Asked.ShouldBeEmpty();
        using var begun = await server.SendAsync(HttpMethod.Post, "/api/v1/sessions", json: json, headers: own);
        begun.StatusCode.ShouldBe(HttpStatusCode.Created);
        var path = $"/api/v1/sessions/{(await begun.JsonAsync()).Text("id")}";

        using var kept = await server.SendAsync(HttpMethod.Delete, path, headers: evil);
        await kept.ShouldBeProblemAsync(403, "origin-refused");
        using var ended = await server.SendAsync(HttpMethod.Delete, path, bearer: server.NewOperatorKey, headers: evil);
        ended.StatusCode.ShouldBe(HttpStatusCode.NoContent, "a key is no page's");
    }

    [Fact]
    public async Task Who_was_invited_keeps_nothing_of_the_library_when_the_session_has_ended()
    {
        await using var server = await SluiceServer.StartAsync();
        var media = await server.PublishAsync();
        var title = $"/api/v1/media/{media.Text("id")}?token=";
        using var begun = await server.SendAsync(HttpMethod.Post, "/api/v1/sessions", json: $$"""{"mediaId":"{{media.Text("id")}}"}""");
        var session = await begun.JsonAsync();
        var token = session.GetProperty("playback").Text("token");
        (await SessionServer.StatusAsync(server, HttpMethod.Get, title + token)).ShouldBe(200);

        (await SessionServer.EndAsync(server, session)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        using var refused = await server.Http.GetAsync(title + token);
        (await refused.ShouldBeProblemAsync(403, "token-expired")).Text("detail").ShouldBe("The session has ended.");
        (await SessionServer.StatusAsync(server, HttpMethod.Get, title + media.GetProperty("playback").Text("token"))).ShouldBe(200, "others go on");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"url":"http://example.com/a.mp4","mediaId":"0000000000000000"}""")]
    [InlineData("""{"url":7}""")]
    public async Task A_wish_that_says_nothing_is_told_what_to_say(string json)
    {
        await using var server = await SluiceServer.StartAsync();
        using var answer = await server.SendAsync(HttpMethod.Post, "/api/v1/sessions", json: json);
        await answer.ShouldBeProblemAsync(422, "request-invalid");
    }

    /// <summary>What the server says that who asks may do.</summary>
    private static async Task<(bool Control, bool Keep)> RightsAsync(SluiceServer server, string id, string? bearer = null)
    {
        using var joined = await server.SendAsync(HttpMethod.Get, $"/api/v1/sessions/{id}", bearer: bearer);
        var may = (await joined.JsonAsync()).GetProperty("may");
        return (may.GetProperty("control").GetBoolean(), may.GetProperty("keep").GetBoolean());
    }
}
