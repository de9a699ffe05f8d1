using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Tests.Support;
using Sluice.Server.Tests.Uploads;
using Xunit;

namespace Sluice.Server.Tests.Arriving;

/// <summary>Uploads that are watched while they come, over real HTTP.</summary>
public sealed class ArrivingUploadTests(ArrivingFilms films) : IClassFixture<ArrivingFilms>, IAsyncLifetime
{
    private SluiceServer _server = null!;
    private TusCalls _tus = null!;
    private SluiceOptions _options = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await SluiceServer.StartAsync(
            o =>
            {
                _options = o;
                o.Transcode.WaitSeconds = (int)Eventually.Patience.TotalSeconds;
            },
            b => b.Services.AddSingleton(TimeProvider.System), realPackager: true);
        _tus = new TusCalls(_server.Http);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_plays_while_it_arrives_is_what_plays_afterwards(bool fragmented)
    {
        var film = fragmented ? films.Fragmented : films.Plain;
        var path = await _tus.NewAsync(film.Length, ("Upload-Metadata", TusCalls.Metadata(("filename", "film.mp4"), ("title", "On its way"))));
        var sent = await SendAsync(path, film, 0, film.Length * 3 / 10);

        var viewer = await ArrivingViewer.OfAsync(_server.Http, path);
        var view = await viewer.ViewAsync();
        (view.Text("state"), view.Text("title")).ShouldBe(("arriving", "On its way"));
        view.GetProperty("arrival").GetProperty("landedBytes").GetInt64().ShouldBe(sent);
        view.GetProperty("arrival").GetProperty("totalBytes").GetInt64().ShouldBe(film.Length);
        var tracks = await viewer.TracksAsync();
        tracks.Length.ShouldBe(2);
        var early = await ShouldGrowAsync(viewer, tracks[0]);
        var seen = await viewer.WatchAsync();
        seen.Count.ShouldBeGreaterThanOrEqualTo(4);
        (await viewer.ViewAsync()).GetProperty("arrival").GetProperty("playableSeconds").GetDouble().ShouldBeInRange(4, 16);

        sent = await SendAsync(path, film, sent, film.Length * 6 / 10);
        var later = await ShouldGrowAsync(viewer, tracks[0]);
        later.ShouldStartWith(early); // What was listed stays as it was.
        ArrivingViewer.Count(later).ShouldBeGreaterThan(ArrivingViewer.Count(early));
        foreach (var (name, bytes) in await viewer.WatchAsync())
        {
            (seen.TryGetValue(name, out var before) ? before : bytes).ShouldBe(bytes, name);
            seen[name] = bytes;
        }

        await SendAsync(path, film, sent, film.Length);
        view = await viewer.ViewAsync();
        view.Text("state").ShouldBe("ready", view.ToString());
        (await viewer.TracksAsync()).ShouldBe(tracks, "it keeps its version");
        var whole = await viewer.TextAsync($"{tracks[0]}/index.m3u8");
        whole.ShouldContain("#EXT-X-ENDLIST");
        whole.ShouldContain("#EXT-X-PLAYLIST-TYPE:VOD");
        LinesOf(whole).Take(LinesOf(later).Length).ShouldBe(LinesOf(later), "its segments go on where they were");
        var all = await viewer.WatchAsync();
        all.Count.ShouldBeGreaterThan(seen.Count);
        foreach (var (name, bytes) in seen)
        {
            bytes.ShouldBe(all[name], name);
        }

        Directory.EnumerateFileSystemEntries(Path.Combine(_server.Data, "stage")).ShouldBeEmpty();
        Directory.EnumerateFileSystemEntries(Path.Combine(_server.Data, "uploads")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_segment_that_is_not_there_yet_is_waited_for()
    {
        var path = await _tus.NewAsync(films.Plain.Length);
        var sent = await SendAsync(path, films.Plain, 0, films.Plain.Length * 4 / 10);
        var viewer = await ArrivingViewer.OfAsync(_server.Http, path);
        var track = (await viewer.TracksAsync())[0];
        var next = await viewer.CountAsync(track) + 1;

        var asked = viewer.GetAsync($"{track}/{next}.m4s");
        await Task.Delay(300);
        asked.IsCompleted.ShouldBeFalse();
        await SendAsync(path, films.Plain, sent, films.Plain.Length * 8 / 10);

        using var answer = await asked;
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Headers.CacheControl!.ToString().ShouldContain("immutable");
    }

    [Fact]
    public async Task The_last_segments_are_answered_by_the_title_that_it_became()
    {
        var path = await _tus.NewAsync(films.Plain.Length);
        var sent = await SendAsync(path, films.Plain, 0, films.Plain.Length * 7 / 10);
        var viewer = await ArrivingViewer.OfAsync(_server.Http, path);
        var track = (await viewer.TracksAsync())[0];
        var next = await viewer.CountAsync(track) + 1;

        var asked = viewer.GetAsync($"{track}/{next}.m4s");
        await SendAsync(path, films.Plain, sent, films.Plain.Length);

        using var answer = await asked;
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Content.ReadAsByteArrayAsync()).ShouldBe(await viewer.BytesAsync($"{track}/{next}.m4s"));
    }

    [Fact]
    public async Task The_wait_is_bounded_and_what_cannot_come_is_not_waited_for()
    {
        var path = await _tus.NewAsync(films.Plain.Length);
        await SendAsync(path, films.Plain, 0, films.Plain.Length / 2);
        var viewer = await ArrivingViewer.OfAsync(_server.Http, path);
        var track = (await viewer.TracksAsync())[0];

        // What never comes is not waited for: it is answered long before the wait would be over.
        using var never = await viewer.GetAsync($"{track}/5000.m4s").WaitAsync(Eventually.Patience / 2);
        await never.ShouldBeProblemAsync(404, "segment-unknown");
        using var other = await viewer.GetAsync($"0123456789ab/{track.Split('/')[1]}/1.m4s").WaitAsync(Eventually.Patience / 2);
        await other.ShouldBeProblemAsync(404, "segment-unknown");

        _options.Transcode.WaitSeconds = 1;
        var began = TimeProvider.System.GetTimestamp();
        using var pending = await viewer.GetAsync($"{track}/{await viewer.CountAsync(track) + 1}.m4s");
        await pending.ShouldBeProblemAsync(503, "segment-pending");
        pending.Headers.RetryAfter!.Delta.ShouldNotBeNull();
        TimeProvider.System.GetElapsedTime(began).TotalSeconds.ShouldBeGreaterThan(0.9);
    }

    [Fact]
    public async Task By_dash_and_as_transport_stream_it_plays_once_it_has_arrived()
    {
        var path = await _tus.NewAsync(films.Plain.Length);
        var sent = await SendAsync(path, films.Plain, 0, films.Plain.Length / 2);
        var viewer = await ArrivingViewer.OfAsync(_server.Http, path);
        var version = (await viewer.TracksAsync())[0].Split('/')[0];

        using var mpd = await viewer.GetAsync("manifest.mpd");
        await mpd.ShouldBeProblemAsync(503, "media-arriving");
        mpd.Headers.RetryAfter!.Delta.ShouldNotBeNull();
        using var ts = await viewer.GetAsync($"{version}/ts/v0-a0/index.m3u8");
        await ts.ShouldBeProblemAsync(503, "media-arriving");
        (await viewer.TextAsync("playlist.m3u8")).ShouldBe(await viewer.TextAsync("master.m3u8"));

        await SendAsync(path, films.Plain, sent, films.Plain.Length);
        (await viewer.TextAsync("manifest.mpd")).ShouldContain("<MPD");
        (await viewer.TextAsync($"{version}/ts/v0-a0/index.m3u8")).ShouldContain("#EXT-X-ENDLIST");
    }

    [Fact]
    public async Task An_index_at_the_end_is_said_and_nothing_is_promised()
    {
        var path = await _tus.NewAsync(films.IndexLast.Length);
        var sent = await SendAsync(path, films.IndexLast, 0, films.IndexLast.Length / 2);

        (await Eventually.Holds(async () => await PlaysAsync(path) == "at-end")).ShouldBeTrue();
        using var none = await _server.Http.GetAsync($"/api/v1/media/{TusCalls.IdOf(path)}");
        none.StatusCode.ShouldBe(HttpStatusCode.NotFound);

        await SendAsync(path, films.IndexLast, sent, films.IndexLast.Length);
        (await (await _server.Http.GetAsync($"/api/v1/media/{TusCalls.IdOf(path)}")).JsonAsync()).Text("state").ShouldBe("ready");
    }

    [Fact]
    public async Task What_must_be_encoded_does_not_play_before_it_has_arrived()
    {
        var path = await _tus.NewAsync(films.Foreign.Length);
        var sent = await SendAsync(path, films.Foreign, 0, films.Foreign.Length / 2);
        await Task.Delay(1500);

        (await PlaysAsync(path)).ShouldBe("unknown");
        using var none = await _server.Http.GetAsync($"/api/v1/media/{TusCalls.IdOf(path)}");
        none.StatusCode.ShouldBe(HttpStatusCode.NotFound);

        await SendAsync(path, films.Foreign, sent, films.Foreign.Length);
        (await (await _server.Http.GetAsync($"/api/v1/media/{TusCalls.IdOf(path)}")).JsonAsync()).Text("state").ShouldBe("needs-transcode");
    }

    [Fact]
    public async Task What_a_checksum_may_take_back_has_not_landed()
    {
        var path = await _tus.NewAsync(films.Plain.Length);
        var half = films.Plain[..(films.Plain.Length / 2)];
        var body = new StallingBody(half);
        body.Headers.ContentType = new(TusCalls.BodyType);
        var sending = _tus.SendAsync(
            HttpMethod.Patch, path, body, ("Upload-Offset", "0"), ("Upload-Checksum", "sha1 " + Convert.ToBase64String(new byte[20])));
        await body.Stalled.WaitAsync(Eventually.Patience);
        await Task.Delay(1200);
        (await PlaysAsync(path)).ShouldBe("unknown");
        body.LetGo();
        using var refused = await sending;
        ((int)refused.StatusCode).ShouldBe(460);

        await SendAsync(path, films.Plain, 0, half.Length);
        var viewer = await ArrivingViewer.OfAsync(_server.Http, path);
        (await viewer.WatchAsync()).ShouldNotBeEmpty();
    }

    private static string[] LinesOf(string playlist) =>
        [.. playlist.Split('\n').Where(l => l.StartsWith("#EXTINF", StringComparison.Ordinal) || l.Contains(".m4s", StringComparison.Ordinal))];

    private static async Task<string> ShouldGrowAsync(ArrivingViewer viewer, string track)
    {
        var playlist = await viewer.TextAsync($"{track}/index.m3u8");
        playlist.ShouldContain("#EXT-X-PLAYLIST-TYPE:EVENT");
        playlist.ShouldContain("#EXT-X-START:TIME-OFFSET=0");
        playlist.ShouldNotContain("#EXT-X-ENDLIST");
        return playlist;
    }

    private async Task<string> PlaysAsync(string path)
    {
        using var head = await _tus.HeadAsync(path);
        return head.Header("Sluice-Plays");
    }

    private async Task<int> SendAsync(string path, byte[] film, int from, int to)
    {
        using var answer = await _tus.PatchAsync(path, from, film[from..to]);
        answer.StatusCode.ShouldBe(HttpStatusCode.NoContent, await answer.Content.ReadAsStringAsync());
        return to;
    }
}
