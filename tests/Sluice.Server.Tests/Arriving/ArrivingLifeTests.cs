using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Tests.Manage;
using Sluice.Server.Tests.Support;
using Sluice.Server.Tests.Uploads;
using Xunit;

namespace Sluice.Server.Tests.Arriving;

/// <summary>What becomes of a title that is arriving: changed, given up, removed, published.</summary>
public sealed class ArrivingLifeTests(ArrivingFilms films) : IClassFixture<ArrivingFilms>, IAsyncLifetime
{
    private SluiceServer _server = null!;
    private TusCalls _tus = null!;
    private byte[] _film = [];
    private string _path = "";

    public async ValueTask InitializeAsync()
    {
        _film = films.Plain;
        _server = await SluiceServer.StartAsync(configure: b => b.Services.AddSingleton(TimeProvider.System), realPackager: true);
        _tus = new TusCalls(_server.Http);
        _path = await _tus.NewAsync(_film.Length, ("Upload-Metadata", TusCalls.Metadata(("filename", "film.mp4"), ("expiresInMinutes", "60"))));
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task What_its_owner_changed_meanwhile_stays()
    {
        var viewer = await HalfAsync();
        var before = await viewer.ViewAsync();
        before.GetProperty("expiresAt").ValueKind.ShouldBe(JsonValueKind.Null, "its life begins when it has arrived");
        using var renamed = await _server.SendAsync(HttpMethod.Patch, $"/api/v1/media/{viewer.Id}", json: """{"title":"Renamed","allowedOrigins":["https://good.example"]}""");
        renamed.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var revoked = await _server.SendAsync(HttpMethod.Delete, $"/api/v1/media/{viewer.Id}/tokens");
        revoked.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        using var dead = await viewer.GetAsync("master.m3u8");
        await dead.ShouldBeProblemAsync(403, "token-revoked");
        await viewer.MintAsync();
        using var guessed = await _server.SendAsync(HttpMethod.Delete, $"/api/v1/media/{viewer.Id}", adminKey: "admin_guess");
        await guessed.ShouldBeProblemAsync(403, "key-invalid");

        using var last = await RestAsync();

        last.Headers.Contains("Sluice-Admin-Key").ShouldBeTrue();
        var after = await viewer.ViewAsync();
        (after.Text("state"), after.Text("title"), after.Text("createdAt")).ShouldBe(("ready", "Renamed", before.Text("createdAt")));
        after.GetProperty("allowedOrigins").EnumerateArray().Select(e => e.GetString()).ShouldBe(["https://good.example"]);
        after.GetProperty("arrival").ValueKind.ShouldBe(JsonValueKind.Null);
        after.GetProperty("expiresAt").GetDateTimeOffset().ShouldBeGreaterThan(TimeProvider.System.GetUtcNow().AddMinutes(59));
        (await viewer.TextAsync("master.m3u8")).ShouldStartWith("#EXTM3U");
        using var removed = await _server.SendAsync(HttpMethod.Delete, $"/api/v1/media/{viewer.Id}", adminKey: last.Header("Sluice-Admin-Key"));
        removed.StatusCode.ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task What_needs_the_whole_file_waits_for_it()
    {
        var viewer = await HalfAsync();

        using var prepared = await _server.Http.PostAsync($"/api/v1/media/{viewer.Id}/prepare", null);
        prepared.StatusCode.ShouldBe(HttpStatusCode.NoContent, "it plays");
        using var subtitles = await _server.Http.PostAsync($"/api/v1/media/{viewer.Id}/subtitles", new MultipartFormDataContent());
        await subtitles.ShouldBeProblemAsync(503, "media-arriving");
        using var burned = await _server.SendAsync(HttpMethod.Put, $"/api/v1/media/{viewer.Id}/subtitles/burned", json: """{"track":0}""");
        await burned.ShouldBeProblemAsync(409, "media-not-ready");
        using var encrypted = await _server.SendAsync(HttpMethod.Patch, $"/api/v1/media/{viewer.Id}", json: """{"encryption":"aes-128"}""");
        await encrypted.ShouldBeProblemAsync(503, "media-arriving");
        using var poster = await _server.Http.GetAsync($"/api/v1/media/{viewer.Id}/poster.jpg");
        await poster.ShouldBeProblemAsync(404, "extra-unknown");
    }

    [Fact]
    public async Task Removing_it_gives_its_upload_up()
    {
        var viewer = await HalfAsync();

        using var removed = await _server.SendAsync(HttpMethod.Delete, $"/api/v1/media/{viewer.Id}");

        removed.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await ShouldBeGoneAsync(viewer);
        using var head = await _tus.HeadAsync(_path);
        head.StatusCode.ShouldBe(HttpStatusCode.Gone);
    }

    [Fact]
    public async Task Removing_it_while_a_request_appends_ends_that_request()
    {
        var viewer = await HalfAsync();
        var body = new StallingBody(_film[(_film.Length / 2)..(_film.Length * 3 / 4)]);
        body.Headers.ContentType = new(TusCalls.BodyType);
        var appending = _tus.SendAsync(HttpMethod.Patch, _path, body, ("Upload-Offset", $"{_film.Length / 2}"));
        await body.Stalled.WaitAsync(Eventually.Patience);

        using var removed = await _server.SendAsync(HttpMethod.Delete, $"/api/v1/media/{viewer.Id}");

        removed.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await ShouldBeGoneAsync(viewer);
        body.LetGo();
        await Record.ExceptionAsync(async () => (await appending).Dispose());
    }

    [Fact]
    public async Task Giving_the_upload_up_takes_the_title_away()
    {
        var viewer = await HalfAsync();
        (await viewer.WatchAsync()).ShouldNotBeEmpty();

        using var given = await _tus.DeleteAsync(_path);

        given.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await ShouldBeGoneAsync(viewer);
    }

    [Fact]
    public async Task Watchers_are_told_how_far_it_is_and_when_it_has_arrived()
    {
        using var listener = await EventListener.OpenAsync(_server, "/api/v1/jobs/events");
        await HalfAsync();
        var heard = new List<(string Name, JsonElement Data)>();
        await UntilAsync(listener, heard, e => e.Name == "media" && e.Data.Text("state") == "arriving");
        await UntilAsync(listener, heard, e => e.Name == "arrival" && e.Data.Text("plays") == "now");
        var now = heard.Last(e => e.Name == "arrival").Data;
        now.Text("id").ShouldBe(TusCalls.IdOf(_path));
        now.GetProperty("totalBytes").GetInt64().ShouldBe(_film.Length);
        now.GetProperty("durationSeconds").GetDouble().ShouldBe(40, 0.2);

        using var last = await RestAsync();

        await UntilAsync(listener, heard, e => e.Name == "media" && e.Data.Text("state") == "ready");
    }

    /// <summary>Listens until something was heard, now or before: of what changes at once, nobody promises an order.</summary>
    private static async Task UntilAsync(
        EventListener listener, List<(string Name, JsonElement Data)> heard, Predicate<(string Name, JsonElement Data)> isSo)
    {
        for (var events = 0; !heard.Exists(isSo); events++)
        {
            events.ShouldBeLessThan(10, string.Join('\n', heard));
            if (await listener.NextAsync() is { Data: { } data } next)
            {
                heard.Add((next.Name, data));
            }
        }
    }

    private async Task<ArrivingViewer> HalfAsync()
    {
        using var half = await _tus.PatchAsync(_path, 0, _film[..(_film.Length / 2)]);
        half.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        return await ArrivingViewer.OfAsync(_server.Http, _path);
    }

    private async Task<HttpResponseMessage> RestAsync()
    {
        var rest = await _tus.PatchAsync(_path, _film.Length / 2, _film[(_film.Length / 2)..]);
        rest.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        return rest;
    }

    private async Task ShouldBeGoneAsync(ArrivingViewer viewer)
    {
        using var view = await _server.Http.GetAsync($"/api/v1/media/{viewer.Id}");
        await view.ShouldBeProblemAsync(404, "media-unknown");
        using var stream = await viewer.GetAsync("master.m3u8");
        await stream.ShouldBeProblemAsync(404, "media-unknown");
        Directory.EnumerateFileSystemEntries(Path.Combine(_server.Data, "uploads")).ShouldBeEmpty();
        (await Eventually.Holds(() => _server.StoredFiles().Length == 0)).ShouldBeTrue(string.Join(' ', _server.StoredFiles()));
    }
}
