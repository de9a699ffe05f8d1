using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Compat;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Compat;

/// <summary>PyHLS's documented requests, each with its documented answer.</summary>
public sealed partial class PyHlsTests
{
    private const string Probe = "/probe/";

    [Theory]
    [InlineData("/upload/?expiry_minutes=240", 240)]
    [InlineData("/upload?expiry_minutes=10080", 10080)]
    [InlineData("/upload/", 60)]
    public async Task An_upload_answers_as_documented(string path, int minutes)
    {
        await using var server = await StartAsync();
        using var response = await server.UploadAsync(SluiceServer.Playable, path, "song.mp3");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var body = await response.JsonAsync();
        Names(body).ShouldBe(["media_id", "access_token", "admin_key", "playlist_url", "expires_in_minutes", "message"]);
        body.GetProperty("expires_in_minutes").GetInt32().ShouldBe(minutes);
        body.Text("playlist_url").ShouldBe(
            $"{server.Http.BaseAddress!.GetLeftPart(UriPartial.Authority)}/stream/{body.Text("media_id")}/playlist.m3u8?token={body.Text("access_token")}");
        body.Text("access_token").Split('.').Length.ShouldBe(3);
    }

    [Theory]
    [InlineData("0", "greater_than_equal")]
    [InlineData("10081", "less_than_equal")]
    [InlineData("99999999999999", "less_than_equal")]
    [InlineData("-1", "greater_than_equal")]
    [InlineData("soon", "int_parsing")]
    [InlineData("", "int_parsing")]
    public async Task Minutes_out_of_bounds_are_422_in_fastapis_shape(string minutes, string type)
    {
        await using var server = await StartAsync();
        var (id, key, _) = await UploadAsync(server);
        foreach (var response in (HttpResponseMessage[])
        [
            await server.UploadAsync(SluiceServer.Playable, $"/upload/?expiry_minutes={minutes}"),
            await server.Http.PostAsync($"/refresh-token/{id}?admin_key={key}&expiry_minutes={minutes}", null),
            await server.Http.PostAsync($"/media/{id}/extend-expiry?admin_key={key}&additional_minutes={minutes}", null),
        ])
        {
            ((int)response.StatusCode).ShouldBe(422);
            var part = (await response.JsonAsync()).GetProperty("detail")[0];
            part.Text("type").ShouldBe(type);
            part.GetProperty("loc")[0].GetString().ShouldBe("query");
            part.Text("msg").ShouldNotBeNullOrEmpty();
        }
    }

    [Fact]
    public async Task A_form_without_media_and_garbage_are_refused_in_its_shape()
    {
        await using var server = await StartAsync();
        using var form = new MultipartFormDataContent { { new StringContent("x"), "other" } };
        using var missing = await server.Http.PostAsync("/upload/", form);
        ((int)missing.StatusCode).ShouldBe(422);
        var part = (await missing.JsonAsync()).GetProperty("detail")[0];
        (part.GetProperty("loc")[1].GetString(), part.Text("type")).ShouldBe(("media", "missing"));

        using var broken = new StringContent("no boundary in here");
        broken.Headers.ContentType = new("multipart/form-data") { Parameters = { new("boundary", "b") } };
        using var noForm = await server.Http.PostAsync("/upload/", broken);
        ((int)noForm.StatusCode).ShouldBe(422);
        (await noForm.JsonAsync()).GetProperty("detail")[0].Text("type").ShouldBe("value_error");

        using var garbage = await server.UploadAsync(SluiceServer.Garbage, "/upload/");
        ((int)garbage.StatusCode).ShouldBe(415);
        (await garbage.JsonAsync()).Text("detail").ShouldBe("There is no movie in it.");
        server.StoredFiles().ShouldBe([]);
    }

    [Theory]
    [InlineData("POST", "/refresh-token/{0}?admin_key={1}")]
    [InlineData("GET", "/media/{0}/info?admin_key={1}")]
    [InlineData("POST", "/media/{0}/extend-expiry?admin_key={1}&additional_minutes=5")]
    [InlineData("DELETE", "/media/{0}?admin_key={1}")]
    public async Task Unknown_is_404_before_a_bad_key_is_403(string method, string path)
    {
        await using var server = await StartAsync();
        var (id, _, _) = await UploadAsync(server);
        foreach (var (who, key, status) in ((string, string, int)[])
            [(AssetId.New().Value, "wrong", 404), ("m3u8_abc123", "wrong", 404), (id, "wrong", 403), (id, "", 403)])
        {
            using var response = await server.SendAsync(new HttpMethod(method), string.Format(null, path, who, key));
            ((int)response.StatusCode).ShouldBe(status);
            response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
            var body = await response.JsonAsync();
            Names(body).ShouldBe(["detail"]);
            body.Text("detail").ShouldNotBeNullOrEmpty();
        }

        (await server.Assets.FindAsync(AssetId.Parse(id, null), default)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_refresh_gives_a_new_life_and_kills_the_old_tokens()
    {
        await using var server = await StartAsync();
        var (id, key, old) = await UploadAsync(server);
        server.Clock.Advance(TimeSpan.FromMinutes(30));

        using var response = await server.Http.PostAsync($"/refresh-token/{id}?admin_key={key}&expiry_minutes=180", null);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var body = await response.JsonAsync();
        Names(body).ShouldBe(["media_id", "access_token", "playlist_url", "expires_in_minutes", "message"]);
        body.Text("message").ShouldBe("Access token refreshed successfully!");
        (await StatusAsync(server, id, old)).ShouldBe(403);
        (await StatusAsync(server, id, body.Text("access_token"))).ShouldBe(200);
        server.Clock.Advance(TimeSpan.FromMinutes(180) - TimeSpan.FromTicks(1));
        (await StatusAsync(server, id, body.Text("access_token"))).ShouldBe(200);
        server.Clock.Advance(TimeSpan.FromTicks(1));
        (await StatusAsync(server, id, body.Text("access_token"))).ShouldBe(403);
    }

    [Fact]
    public async Task An_extension_lengthens_what_the_tokens_given_out_allow()
    {
        await using var server = await StartAsync();
        var (id, key, token) = await UploadAsync(server);

        using var response = await server.Http.PostAsync($"/media/{id}/extend-expiry?admin_key={key}&additional_minutes=120", null);

        var body = await response.JsonAsync();
        body.ToString().ShouldBe(
            $$"""{"media_id":"{{id}}","previous_expiry_minutes":60,"new_expiry_minutes":180,"extended_by_minutes":120,"message":"Media expiry successfully extended!"}""");
        server.Clock.Advance(TimeSpan.FromMinutes(180) - TimeSpan.FromTicks(1));
        (await StatusAsync(server, id, token)).ShouldBe(200);
        server.Clock.Advance(TimeSpan.FromTicks(1));
        (await StatusAsync(server, id, token)).ShouldBe(403);
    }

    [Fact]
    public async Task Without_an_extension_it_ends_at_its_minute()
    {
        await using var server = await StartAsync();
        var (id, _, token) = await UploadAsync(server);
        server.Clock.Advance(TimeSpan.FromMinutes(60) - TimeSpan.FromTicks(1));
        (await StatusAsync(server, id, token)).ShouldBe(200);
        server.Clock.Advance(TimeSpan.FromTicks(1));
        (await StatusAsync(server, id, token)).ShouldBe(403);
    }

    [Fact]
    public async Task Seven_days_are_the_end_of_extending()
    {
        await using var server = await StartAsync();
        var (id, key, token) = await UploadAsync(server);
        var path = $"/media/{id}/extend-expiry?admin_key={key}&additional_minutes=";

        ((int)(await server.Http.PostAsync(path + "10021", null)).StatusCode).ShouldBe(422);
        (await server.Http.PostAsync(path + "10020", null)).StatusCode.ShouldBe(HttpStatusCode.OK);
        ((int)(await server.Http.PostAsync(path + "1", null)).StatusCode).ShouldBe(422);

        server.Clock.Advance(TimeSpan.FromMinutes(10080) - TimeSpan.FromTicks(1));
        (await StatusAsync(server, id, token)).ShouldBe(200);
    }

    [Fact]
    public async Task Info_has_pythons_times()
    {
        await using var server = await StartAsync();
        var (id, key, _) = await UploadAsync(server);
        (await InfoAsync(server, id, key)).GetProperty("last_token_refresh").ValueKind.ShouldBe(JsonValueKind.Null);
        server.Clock.Advance(TimeSpan.FromMinutes(30));
        await server.Http.PostAsync($"/refresh-token/{id}?admin_key={key}", null);

        var body = await InfoAsync(server, id, key);

        body.ToString().ShouldBe(
            $$"""{"media_id":"{{id}}","upload_time":"2026-03-01T12:00:00.000000","expiry_minutes":60,"last_token_refresh":"2026-03-01T12:30:00.000000","created_at":"2026-03-01T12:00:00.000000","updated_at":"2026-03-01T12:30:00.000000"}""");
        IsoTime().IsMatch(body.Text("created_at")).ShouldBeTrue();
    }

    [Fact]
    public async Task Deleting_removes_the_files()
    {
        await using var server = await StartAsync();
        var (id, key, _) = await UploadAsync(server);
        using var response = await server.SendAsync(HttpMethod.Delete, $"/media/{id}?admin_key={key}");
        (await response.Content.ReadAsStringAsync()).ShouldBe("""{"message":"Media successfully deleted!"}""");
        server.StoredFiles().ShouldBe([]);
    }

    [Theory]
    [InlineData("segment0.mp4")]
    [InlineData("segment.ts")]
    [InlineData("segment00.ts")]
    [InlineData("segment-1.ts")]
    [InlineData("segment99999999999.ts")]
    [InlineData("..%2f..%2fsecret.key")]
    [InlineData("source")]
    public async Task A_bad_segment_name_is_400_but_only_for_who_may_ask(string name)
    {
        await using var server = await StartAsync();
        var (id, _, token) = await UploadAsync(server);
        ((int)(await server.Http.GetAsync($"/stream/{id}/{name}?token={token}")).StatusCode).ShouldBe(400);
        ((int)(await server.Http.GetAsync($"/stream/{id}/{name}?token=bad")).StatusCode).ShouldBe(403);
        ((int)(await server.Http.GetAsync($"/stream/{AssetId.New()}/{name}?token={token}")).StatusCode).ShouldBe(404);
    }

    [Fact]
    public async Task Another_name_below_a_native_title_is_an_unknown_segment()
    {
        await using var server = await StartAsync();
        var media = await server.PublishAsync();
        using var response = await server.Http.GetAsync(
            $"/stream/{media.Text("id")}/other.jpg?token={media.GetProperty("playback").Text("token")}");
        await response.ShouldBeProblemAsync(404, "segment-unknown");
    }

    [Fact]
    public async Task Refreshing_a_title_that_never_ends_does_not_make_it_end()
    {
        await using var server = await StartAsync();
        var media = await server.PublishAsync();
        var id = media.Text("id");
        var path = $"/refresh-token/{id}?admin_key={media.Text("adminKey")}&expiry_minutes=5";
        var token = (await (await server.Http.PostAsync(path, null)).JsonAsync()).Text("access_token");

        (await StatusAsync(server, id, token)).ShouldBe(200);
        server.Clock.Advance(TimeSpan.FromMinutes(5));
        (await StatusAsync(server, id, token)).ShouldBe(403);
        var asset = (await server.Assets.FindAsync(AssetId.Parse(id, null), default)).ShouldNotBeNull();
        (asset.ExpiresAt, asset.ExpiryMinutes).ShouldBe((null, null));
    }

    [Fact]
    public async Task Fields_of_the_native_api_do_not_count_in_a_form()
    {
        await using var server = await StartAsync();
        using var form = new MultipartFormDataContent
        {
            { new StringContent("99999"), "expiresInMinutes" },
            { new StringContent("other"), "title" },
            { new StringContent(SluiceServer.Playable), "media", "song.mp3" },
        };
        var body = await (await server.Http.PostAsync("/upload/?expiry_minutes=5", form)).JsonAsync();
        var asset = (await server.Assets.FindAsync(AssetId.Parse(body.Text("media_id"), null), default)).ShouldNotBeNull();
        (asset.ExpiryMinutes, asset.Title).ShouldBe((5, "song"));
    }

    [Theory]
    [InlineData("segment0.ts", 0)]
    [InlineData("segment17.ts", 17)]
    public void Segment_names_are_counted_from_zero(string name, int number)
    {
        PyHls.TrySegmentNumber(name, out var read).ShouldBeTrue();
        read.ShouldBe(number);
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex IsoTime();

    /// <summary>A server with one more route that only looks at the token, so that access is tested without delivery.</summary>
    private static Task<SluiceServer> StartAsync() => SluiceServer.StartAsync(map: app =>
        app.MapGet(Probe + "{id}", (HttpContext context) => context.Features.Get<IPlayableFeature>()!.Asset.Id.Value).RequirePlayback());

    private static async Task<int> StatusAsync(SluiceServer server, string id, string token) =>
        (int)(await server.Http.GetAsync($"{Probe}{id}?token={token}")).StatusCode;

    private static async Task<(string Id, string AdminKey, string Token)> UploadAsync(SluiceServer server)
    {
        using var response = await server.UploadAsync(SluiceServer.Playable, "/upload/");
        var body = await response.JsonAsync();
        return (body.Text("media_id"), body.Text("admin_key"), body.Text("access_token"));
    }

    private static async Task<JsonElement> InfoAsync(SluiceServer server, string id, string key) =>
        await (await server.Http.GetAsync($"/media/{id}/info?admin_key={key}")).JsonAsync();

    private static IEnumerable<string> Names(JsonElement body) => body.EnumerateObject().Select(property => property.Name);
}
