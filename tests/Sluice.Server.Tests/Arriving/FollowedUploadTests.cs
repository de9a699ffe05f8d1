using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Package.Arriving;
using Sluice.Server.Store;
using Sluice.Server.Tests.Support;
using Sluice.Server.Tests.Uploads;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Arriving;

/// <summary>Matroska, MPEG-TS and FLV that are watched while they are uploaded: they are repackaged as they come.</summary>
public sealed class FollowedUploadTests(FollowedFilms films) : IClassFixture<FollowedFilms>, IAsyncLifetime
{
    /// <summary>Of the server's time: it gives what comes a moment, so that there are some segments to begin with.</summary>
    private const double Speed = 5;

    private SluiceServer _server = null!;
    private TusCalls _tus = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await SluiceServer.StartAsync(
            o =>
            {
                o.Transcode.Enabled = true;
                o.Transcode.LadderForCopied = false; // It would encode what no test looks at.
                o.Transcode.WaitSeconds = (int)(Eventually.Patience.TotalSeconds * Speed);
            },
            b => b.Services.AddSingleton<TimeProvider>(new FastClock(Speed)), realPackager: true);
        _tus = new TusCalls(_server.Http);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("mkv")]
    [InlineData("ts")]
    [InlineData("flv")]
    [InlineData("mid-group.ts")]
    [InlineData("joined-back.ts")]
    [InlineData("joined-far.ts")]
    public async Task What_is_repackaged_as_it_arrives_is_what_plays_afterwards(string kind)
    {
        var film = films.Of(kind);
        var path = await _tus.NewAsync(film.Length, ("Upload-Metadata", TusCalls.Metadata(("filename", "film." + kind))));
        var sent = await SendAsync(path, film, 0, film.Length * 4 / 10);

        var viewer = await ArrivingViewer.OfAsync(_server.Http, path);
        (await viewer.ViewAsync()).Text("state").ShouldBe("arriving");
        var tracks = await viewer.TracksAsync();
        tracks.Length.ShouldBe(2);
        var early = await viewer.TextAsync($"{tracks[0]}/index.m3u8");
        early.ShouldContain("#EXT-X-PLAYLIST-TYPE:EVENT");
        early.ShouldNotContain("#EXT-X-ENDLIST");
        var seen = await viewer.WatchAsync();
        foreach (var track in tracks)
        {
            ShouldDecode(seen, track);
        }

        (await viewer.ViewAsync()).GetProperty("arrival").GetProperty("playableSeconds").GetDouble().ShouldBeInRange(4, 16);

        sent = await SendAsync(path, film, sent, film.Length * 8 / 10);
        (await Eventually.Holds(async () => await viewer.CountAsync(tracks[0]) > ArrivingViewer.Count(early))).ShouldBeTrue("its playlist does not grow");
        (await viewer.TextAsync($"{tracks[0]}/index.m3u8")).ShouldStartWith(early); // What was listed stays as it was.
        foreach (var (name, bytes) in await viewer.WatchAsync())
        {
            (seen.TryGetValue(name, out var before) ? before : bytes).ShouldBe(bytes, name);
            seen[name] = bytes;
        }

        await SendAsync(path, film, sent, film.Length);
        var view = await viewer.ViewAsync();
        view.Text("state").ShouldBe("ready", view.ToString());
        view.GetProperty("durationSeconds").GetDouble().ShouldBe(kind == "mid-group.ts" ? 30 : 40, kind == "mid-group.ts" ? 2 : 0.3);
        (await viewer.TracksAsync()).ShouldBe(tracks, "it keeps its version");
        (await viewer.TextAsync($"{tracks[0]}/index.m3u8")).ShouldContain("#EXT-X-ENDLIST");
        (await viewer.TextAsync("manifest.mpd")).ShouldContain("<MPD");
        var all = await viewer.WatchAsync();
        all.Count.ShouldBeGreaterThan(seen.Count);
        foreach (var (name, bytes) in seen)
        {
            bytes.ShouldBe(all[name], name);
        }

        foreach (var track in tracks)
        {
            ShouldDecode(all, track);
        }

        ShouldLeaveNoScratch();
    }

    [Fact]
    public async Task Every_frame_of_the_file_is_in_what_is_played()
    {
        var path = await _tus.NewAsync(films.Matroska.Length);
        var sent = await SendAsync(path, films.Matroska, 0, films.Matroska.Length / 2);
        var viewer = await ArrivingViewer.OfAsync(_server.Http, path);
        await viewer.WatchAsync();
        await SendAsync(path, films.Matroska, sent, films.Matroska.Length);

        var all = await viewer.WatchAsync();
        var source = await PacketStream.ReadAsync(films.PathOf("whole.mkv", films.Matroska));
        foreach (var (track, stream) in (await viewer.TracksAsync()).OrderByDescending(t => t, StringComparer.Ordinal).Zip(source))
        {
            var played = (await PacketStream.ReadAsync(films.PathOf("played.mp4", [.. PartsOf(all, track)]))).Single();
            played.Kind.ShouldBe(stream.Kind);
            played.Packets.Select(p => p.Hash).ShouldBe(stream.Packets.Select(p => p.Hash));
            played.Packets.Count(p => p.IsKey).ShouldBe(stream.Packets.Count(p => p.IsKey));
            double first = Seconds(played, 0), begins = Seconds(stream, 0);
            Enumerable.Range(0, played.Packets.Count).ShouldAllBe(i => Math.Abs(Seconds(played, i) - first - (Seconds(stream, i) - begins)) < 0.0021);
        }
    }

    [Fact]
    public async Task Damage_in_the_middle_ends_nothing()
    {
        var film = films.Damaged;
        var path = await _tus.NewAsync(film.Length);
        var sent = await SendAsync(path, film, 0, film.Length * 4 / 10);
        var viewer = await ArrivingViewer.OfAsync(_server.Http, path);
        var seen = await viewer.WatchAsync();
        sent = await SendAsync(path, film, sent, film.Length * 7 / 10);
        await viewer.WatchAsync();
        await SendAsync(path, film, sent, film.Length);

        (await Eventually.Holds(async () => (await viewer.ViewAsync()).Text("state") == "ready")).ShouldBeTrue();
        var all = await viewer.WatchAsync();
        foreach (var (name, bytes) in seen)
        {
            (all.TryGetValue(name, out var now) ? now : bytes).ShouldBe(bytes, name); // The same bytes, or no address of that name any more.
        }
    }

    [Fact]
    public async Task What_nobody_watches_is_repackaged_once_it_has_arrived()
    {
        var path = await _tus.NewAsync(films.Matroska.Length);
        var sent = await SendAsync(path, films.Matroska, 0, films.Matroska.Length / 2);
        var viewer = await ArrivingViewer.OfAsync(_server.Http, path);
        RemuxersOf(_server).ShouldBeEmpty("nobody has asked for it");
        await SendAsync(path, films.Matroska, sent, films.Matroska.Length);

        (await viewer.ViewAsync()).Text("state").ShouldBeOneOf("processing", "ready");
        (await Eventually.Holds(async () => (await viewer.ViewAsync()).Text("state") == "ready")).ShouldBeTrue();
        (await viewer.WatchAsync()).ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("joined-back.ts")]
    [InlineData("joined-far.ts")]
    public async Task Joined_recordings_that_nobody_watches_are_repackaged_too(string kind)
    {
        var path = await _tus.NewAsync(films.Of(kind).Length);
        await SendAsync(path, films.Of(kind), 0, films.Of(kind).Length);
        var view = default(JsonElement);
        (await Eventually.Holds(async () =>
        {
            using var answer = await _server.Http.GetAsync($"/api/v1/media/{TusCalls.IdOf(path)}");
            return answer.StatusCode == HttpStatusCode.OK && (view = await answer.JsonAsync()).Text("state") == "ready";
        })).ShouldBeTrue();

        view.GetProperty("durationSeconds").GetDouble().ShouldBe(40, 0.3);
        view.GetProperty("reason").ValueKind.ShouldBe(JsonValueKind.Null, view.ToString());
    }

    [Fact]
    public async Task What_nobody_had_seen_when_it_was_published_is_shown_to_nobody_before()
    {
        var ct = TestContext.Current.CancellationToken;
        var path = await _tus.NewAsync(films.Matroska.Length);
        await SendAsync(path, films.Matroska, 0, films.Matroska.Length / 2);
        var viewer = await ArrivingViewer.OfAsync(_server.Http, path);
        AssetId.TryParse(viewer.Id, null, out var id).ShouldBeTrue();
        var services = _server.App.Services;
        var asset = (await services.GetRequiredService<AssetDirectory>().FindAsync(id, ct)).ShouldNotBeNull();
        await using var stage = services.GetRequiredService<IObjectStore>().Stage(id);

        (await services.GetRequiredService<Continuation>().HoldsAsync(asset, stage, ct)).ShouldBeTrue("there is nothing to compare");

        (await services.GetRequiredService<ArrivingTitles>().HoldAsync(asset, ct)).ShouldBeNull();
        using var early = await viewer.GetAsync("master.m3u8");
        await early.ShouldBeProblemAsync(503, "segment-pending");
    }

    [Fact]
    public async Task What_somebody_has_seen_is_compared()
    {
        var ct = TestContext.Current.CancellationToken;
        var path = await _tus.NewAsync(films.Matroska.Length);
        await SendAsync(path, films.Matroska, 0, films.Matroska.Length / 2);
        var viewer = await ArrivingViewer.OfAsync(_server.Http, path);
        await viewer.TracksAsync();
        AssetId.TryParse(viewer.Id, null, out var id).ShouldBeTrue();
        var services = _server.App.Services;
        var asset = (await services.GetRequiredService<AssetDirectory>().FindAsync(id, ct)).ShouldNotBeNull();
        await using var stage = services.GetRequiredService<IObjectStore>().Stage(id);

        (await services.GetRequiredService<Continuation>().HoldsAsync(asset, stage, ct)).ShouldBeFalse("of an empty stage it cannot go on");

        (await viewer.TracksAsync()).ShouldNotBeEmpty("it is watched until it is published");
    }

    [Fact]
    public async Task When_the_repackaging_dies_it_plays_once_it_has_arrived()
    {
        var film = films.Matroska;
        var path = await _tus.NewAsync(film.Length);
        var sent = await SendAsync(path, film, 0, film.Length * 4 / 10);
        var viewer = await ArrivingViewer.OfAsync(_server.Http, path);
        var seen = await viewer.WatchAsync();
        var track = (await viewer.TracksAsync())[0];
        var count = await viewer.CountAsync(track);

        using (var remuxer = System.Diagnostics.Process.GetProcessById(RemuxersOf(_server).Single()))
        {
            remuxer.Kill();
        }

        sent = await SendAsync(path, film, sent, film.Length * 9 / 10);
        using var pending = await viewer.GetAsync($"{track}/{count + 2}.m4s");
        pending.StatusCode.ShouldBe(HttpStatusCode.NotFound, "nothing more comes of it");
        (await viewer.BytesAsync($"{track}/1.m4s")).ShouldBe(seen[$"{track}/1.m4s"]);

        await SendAsync(path, film, sent, film.Length);
        (await Eventually.Holds(async () => (await viewer.ViewAsync()).Text("state") == "ready")).ShouldBeTrue();
        ShouldDecode(await viewer.WatchAsync(), (await viewer.TracksAsync())[0]);
    }

    [Fact]
    public async Task What_must_be_encoded_does_not_play_before_it_has_arrived_and_that_is_said()
    {
        var path = await _tus.NewAsync(films.Dolby.Length);
        await SendAsync(path, films.Dolby, 0, films.Dolby.Length / 2);

        (await Eventually.Holds(async () =>
        {
            using var head = await _tus.HeadAsync(path);
            return head.Header("Sluice-Plays") == "at-end";
        })).ShouldBeTrue();
        using var none = await _server.Http.GetAsync($"/api/v1/media/{TusCalls.IdOf(path)}");
        none.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Removing_it_ends_the_repackaging()
    {
        var path = await _tus.NewAsync(films.Transport.Length);
        await SendAsync(path, films.Transport, 0, films.Transport.Length / 2);
        var viewer = await ArrivingViewer.OfAsync(_server.Http, path);
        await viewer.WatchAsync();
        RemuxersOf(_server).Length.ShouldBe(1);

        using var removed = await _server.SendAsync(HttpMethod.Delete, $"/api/v1/media/{viewer.Id}");

        removed.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await Eventually.Holds(() => RemuxersOf(_server).Length == 0)).ShouldBeTrue();
        ShouldLeaveNoScratch();
    }

    [Fact]
    public async Task Removing_it_ends_the_repackaging_although_somebody_still_reads_slowly()
    {
        var path = await _tus.NewAsync(films.Transport.Length);
        await SendAsync(path, films.Transport, 0, films.Transport.Length / 2);
        var viewer = await ArrivingViewer.OfAsync(_server.Http, path);
        await viewer.WatchAsync();
        AssetId.TryParse(viewer.Id, null, out var id).ShouldBeTrue();
        var asset = await _server.App.Services.GetRequiredService<AssetDirectory>().FindAsync(id, TestContext.Current.CancellationToken);
        var held = (await _server.App.Services.GetRequiredService<ArrivingTitles>().HoldAsync(asset!, TestContext.Current.CancellationToken))!;

        using var removed = await _server.SendAsync(HttpMethod.Delete, $"/api/v1/media/{viewer.Id}");

        removed.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await Eventually.Holds(() => RemuxersOf(_server).Length == 0)).ShouldBeTrue();
        held.ReadPayload(0, new byte[1000]);
        held.Release();
        ShouldLeaveNoScratch();
    }

    [Fact]
    public async Task Only_so_many_are_repackaged_at_once()
    {
        var film = films.Matroska;
        var paths = new List<string>();
        for (var i = 0; i <= RemuxTurns.Most; i++)
        {
            paths.Add(await _tus.NewAsync(film.Length));
            await SendAsync(paths[i], film, 0, film.Length / 2);
        }

        foreach (var path in paths.SkipLast(1))
        {
            (await (await ArrivingViewer.OfAsync(_server.Http, path)).TracksAsync()).ShouldNotBeEmpty();
        }

        RemuxersOf(_server).Length.ShouldBe(RemuxTurns.Most);
        var last = await ArrivingViewer.OfAsync(_server.Http, paths[^1]);
        using var full = await last.GetAsync("master.m3u8");
        await full.ShouldBeProblemAsync(503, "segment-pending");

        using var given = await _tus.DeleteAsync(paths[0]);
        (await last.TracksAsync()).ShouldNotBeEmpty("there is room again");
    }

    private static double Seconds(PacketStream stream, int packet) => (double)stream.Packets[packet].Pts!.Value / stream.TicksPerSecond;

    private static IEnumerable<byte[]> PartsOf(Dictionary<string, byte[]> seen, string track)
    {
        yield return seen[$"{track}/init.mp4"];
        for (var n = 1; seen.TryGetValue($"{track}/{n}.m4s", out var segment); n++)
        {
            yield return segment;
        }
    }

    /// <summary>Ids of the processes that repackage for a server of this process while files arrive.</summary>
    private static int[] RemuxersOf(SluiceServer server) =>
    [
        .. System.Diagnostics.Process.GetProcessesByName("ffmpeg").Where(p => LinkOf(p.Id).StartsWith(server.Data, StringComparison.Ordinal)
            && WordsOf(p.Id).Contains("pipe:0", StringComparison.Ordinal)).Select(p => p.Id),
    ];

    private static string LinkOf(int process) => Of(process, "cwd", path => new FileInfo(path).LinkTarget ?? "");

    private static string WordsOf(int process) => Of(process, "cmdline", File.ReadAllText);

    private static string Of(int process, string what, Func<string, string> read)
    {
        try
        {
            return read($"/proc/{process}/{what}");
        }
        catch (IOException)
        {
            return ""; // It is gone.
        }
    }

    private void ShouldDecode(Dictionary<string, byte[]> seen, string track)
    {
        var parts = PartsOf(seen, track).ToArray();
        parts.Length.ShouldBeGreaterThanOrEqualTo(2);
        Ffmpeg.Run($"-i {films.PathOf("seen.mp4", parts)} -f null -"); // Fails at the first complaint.
    }

    private void ShouldLeaveNoScratch() =>
        Eventually.Holds(() => !Directory.EnumerateFileSystemEntries(Path.Combine(_server.Data, "stage")).Any()).Result.ShouldBeTrue("scratch is left");

    private async Task<int> SendAsync(string path, byte[] film, int from, int to)
    {
        using var answer = await _tus.PatchAsync(path, from, film[from..to]);
        answer.StatusCode.ShouldBe(HttpStatusCode.NoContent, await answer.Content.ReadAsStringAsync());
        return to;
    }
}
