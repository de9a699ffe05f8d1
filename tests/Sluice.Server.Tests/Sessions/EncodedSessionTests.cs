using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Media.Binary;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Jobs;
using Sluice.Server.Processes;
using Sluice.Server.Sessions;
using Sluice.Server.Tests.AnyFiles;
using Sluice.Server.Tests.Outbound.Remote;
using Sluice.Server.Tests.Processes;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Sessions;

/// <summary>What does not play as it lies on another server is encoded where somebody watches it, and leaves nothing.</summary>
public sealed class EncodedSessionTests(EncodedClips clips) : IClassFixture<EncodedClips>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-encoded-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("mpeg4.avi", "encode", "encode")]
    [InlineData("mpeg2.ts", "encode", "encode")]
    [InlineData("wmv2.wmv", "encode", "encode")]
    [InlineData("hevc.mp4", "copy", "copy")]
    [InlineData("ac3.mp4", "copy", "encode")]
    [InlineData("ac3.mkv", "copy", "encode")]
    [InlineData("hevc.mkv", "encode", "encode")]
    public async Task It_plays_from_where_it_lies(string clip, string video, string audio)
    {
        await using var origin = await RangeOrigin.StartAsync();
        origin.Content = new MemoryByteSource(clips.Of(clip));
        await using var server = await StartAsync();

        var session = await SessionServer.BeginAsync(server, origin.Url);

        (session.Text("state"), session.GetProperty("reason").ToString()).ShouldBe(("ready", ""));
        var asset = await AssetAsync(server, session);
        asset.Tracks.Where(t => t.Kind is "video" or "audio").Select(t => t.Action).ShouldBe([video, audio]);
        var shown = await new HlsViewer(server.Http, _folder).ReadAsync(new Uri(session.GetProperty("playback").Text("hls")), TestContext.Current.CancellationToken);
        shown.Seconds.ShouldBe(8, 0.3);
        Frames(shown.Video!).ShouldBeInRange(199, 202);
        Ffmpeg.Run($"-xerror -i {shown.Audio} -f null -");
        (await SessionServer.EndAsync(server, session)).EnsureSuccessStatusCode();
        await SessionServer.ShouldHaveNothingAsync(server);
        server.App.Services.GetRequiredService<RunningTasks>().Count.ShouldBe(0);
    }

    [Fact]
    public async Task Hardly_more_is_fetched_and_encoded_than_is_watched()
    {
        await using var origin = await RangeOrigin.StartAsync();
        var film = clips.Long;
        origin.Content = new MemoryByteSource(film);
        await using var server = await StartAsync();

        var session = await SessionServer.BeginAsync(server, origin.Url);
        var known = origin.SentBytes;
        foreach (var track in (string[])["v0", "a0"])
        {
            await ChunkAsync(server, session, track, 150);
        }

        // Encoders run on for a minute of pictures, and then stand still, for whoever watches no further.
        (await Eventually.Holds(() => server.App.Services.GetRequiredService<RunningTasks>().Count == 0)).ShouldBeTrue();
        var numbers = ChunkFiles(server).Where(f => f.Name.StartsWith("v0-", StringComparison.Ordinal))
            .Select(f => int.Parse(f.Name.AsSpan(3, f.Name.IndexOf('.', StringComparison.Ordinal) - 3), CultureInfo.InvariantCulture)).ToList();
        numbers.Max().ShouldBeInRange(151, 151 + (60 / 2));
        numbers.Min().ShouldBeGreaterThan(150 - (60 / 2));
        (await SessionServer.EndAsync(server, session)).EnsureSuccessStatusCode();
        TestContext.Current.TestOutputHelper?.WriteLine($"known by {known}, then {origin.SentBytes} of {film.Length} bytes");
        film.Length.ShouldBeGreaterThan(40 << 20);
        known.ShouldBeLessThan(film.Length / 6);
        origin.SentBytes.ShouldBeLessThan(film.Length / 3, "a run is a minute of ten, and there is one of each track");
    }

    [Fact]
    public async Task Chunks_that_nobody_is_near_make_room_and_are_made_again()
    {
        const int most = 150_000;
        await using var origin = await RangeOrigin.StartAsync();
        origin.Content = new MemoryByteSource(clips.Of("mpeg4.avi"));
        await using var server = await StartAsync(options => options.Sessions.EncodedBytes = most);
        var session = await SessionServer.BeginAsync(server, origin.Url);
        server.App.Services.GetRequiredService<SessionScratch>().TakenBytes.ShouldBeLessThanOrEqualTo(most + origin.Content.Length);
        var made = new Dictionary<int, byte[]>();
        var all = 0;

        foreach (var number in (int[])[1, 4, 2, 3, 1, 4])
        {
            all += (made[number] = await ChunkAsync(server, session, "v0", number)).Length;
            all += (await ChunkAsync(server, session, "a0", number)).Length;
            (await Eventually.Holds(() => ChunkBytes(server) <= most)).ShouldBeTrue();
        }

        all.ShouldBeGreaterThan(most, "some had to go");
        var file = Path.Combine(_folder, "again.mp4");
        var init = await GetAsync(server, session, "v0/init.mp4");
        await File.WriteAllBytesAsync(file, [.. init, .. made[1], .. made[2], .. made[3], .. made[4]]);
        Frames(file).ShouldBeInRange(199, 202);
        Ffmpeg.Run($"-xerror -i {file} -f null -");
        (await SessionServer.EndAsync(server, session)).EnsureSuccessStatusCode();
        await SessionServer.ShouldHaveNothingAsync(server);
    }

    [Theory]
    [InlineData("v0/2.m4s")]
    [InlineData("ts/v0-a0/2.ts")]
    public async Task Its_tags_are_of_the_bytes_for_made_again_they_may_be_others(string segment)
    {
        await using var origin = await RangeOrigin.StartAsync();
        origin.Content = new MemoryByteSource(clips.Of("mpeg4.avi"));
        await using var server = await StartAsync();
        var session = await SessionServer.BeginAsync(server, origin.Url);
        var bytes = await GetAsync(server, session, segment);

        using var again = await AskAsync(server, session, segment);

        var tag = again.Headers.ETag.ShouldNotBeNull();
        tag.IsWeak.ShouldBeFalse();
        tag.Tag.ShouldEndWith($"-{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8))}\"");
    }

    [Fact]
    public async Task A_server_that_fails_for_a_while_leaves_no_gap_in_the_film()
    {
        await using var origin = await RangeOrigin.StartAsync();
        origin.Content = new MemoryByteSource(clips.Long);
        await using var server = await StartAsync(options => options.Transcode.WaitSeconds = 8);
        var session = await SessionServer.BeginAsync(server, origin.Url);
        for (var i = 0; i < 1000; i++)
        {
            origin.Statuses.Enqueue(503);
        }

        string? words = null;
        (await Eventually.Holds(async () =>
        {
            using var answer = await AskAsync(server, session, "v0/150.m4s");
            var text = answer.IsSuccessStatusCode ? "" : await answer.Content.ReadAsStringAsync();
            if (text.Contains("status 503", StringComparison.Ordinal))
            {
                words = text;
                origin.Statuses.Clear(); // It is back.
            }

            return answer.IsSuccessStatusCode;
        })).ShouldBeTrue();

        words.ShouldNotBeNull("who waits is told why");
        var asset = await AssetAsync(server, session);
        (await server.App.Services.GetRequiredService<ICatalog>().ListChunksAsync(asset.Id, default)).ShouldAllBe(c => !c.IsPlaceholder);
    }

    [Fact]
    public async Task By_the_command_line_of_its_ffmpeg_nobody_comes_to_the_film()
    {
        await using var origin = await RangeOrigin.StartAsync();
        origin.Content = new MemoryByteSource(clips.Long);
        await using var server = await StartAsync();
        var session = await SessionServer.BeginAsync(server, origin.Url);
        var lines = new List<string>();
        var waiting = AskAsync(server, session, "v0/200.m4s");

        (await Eventually.Holds(() =>
        {
            lines.AddRange(CommandLines.All().Where(line => line.Contains(FfmpegGuard.Relayed, StringComparison.Ordinal)));
            return lines.Count > 0;
        })).ShouldBeTrue("ffmpeg is at it");

        lines.ShouldAllBe(line => !line.Contains("127.0.0.1:") && !line.Contains("sluice:"));
        (await waiting).Dispose();
    }

    [Fact]
    public async Task It_ends_in_the_middle_of_everything()
    {
        await using var origin = await RangeOrigin.StartAsync();
        origin.Content = new MemoryByteSource(clips.Long);
        await using var server = await StartAsync();
        var session = await SessionServer.BeginAsync(server, origin.Url);
        var running = server.App.Services.GetRequiredService<RunningTasks>();
        var waiting = AskAsync(server, session, "v0/200.m4s");
        (await Eventually.Holds(() => running.Count > 0)).ShouldBeTrue();

        (await SessionServer.EndAsync(server, session)).EnsureSuccessStatusCode();

        running.Count.ShouldBe(0);
        await SessionServer.ShouldHaveNothingAsync(server);
        using var told = await waiting;
        await told.ShouldBeProblemAsync(404, "media-unknown");
    }

    [Fact]
    public async Task Its_work_is_in_no_list()
    {
        await using var origin = await RangeOrigin.StartAsync();
        origin.Content = new MemoryByteSource(clips.Of("mpeg4.avi"));
        await using var server = await StartAsync();
        var session = await SessionServer.BeginAsync(server, origin.Url);
        await ChunkAsync(server, session, "a0", 1);

        (await server.Http.GetStringAsync("/api/v1/jobs")).ShouldNotContain(session.GetProperty("playable").Text("id"));
    }

    private static FileInfo[] ChunkFiles(SluiceServer server) =>
        [.. new DirectoryInfo(Path.Combine(server.Data, "scratch")).EnumerateFiles("*.m4s", SearchOption.AllDirectories)];

    private static long? ChunkBytes(SluiceServer server)
    {
        try
        {
            return ChunkFiles(server).Sum(f => f.Length);
        }
        catch (FileNotFoundException)
        {
            return null; // One of them made room just now.
        }
    }

    private static async Task<byte[]> ChunkAsync(SluiceServer server, JsonElement session, string track, int number) =>
        await GetAsync(server, session, $"{track}/{number}.m4s");

    private static async Task<byte[]> GetAsync(SluiceServer server, JsonElement session, string file)
    {
        byte[]? bytes = null;
        (await Eventually.Holds(async () =>
        {
            using var answer = await AskAsync(server, session, file);
            bytes = answer.IsSuccessStatusCode ? await answer.Content.ReadAsByteArrayAsync() : null;
            return bytes is not null;
        })).ShouldBeTrue(file);
        return bytes!;
    }

    private static async Task<HttpResponseMessage> AskAsync(SluiceServer server, JsonElement session, string file)
    {
        var player = new Player(server, session.GetProperty("playback").Text("hls"));
        return await player.GetAsync($"{(await AssetAsync(server, session)).Version}/{file}");
    }

    private static int Frames(string path) => int.Parse(
        Ffmpeg.Probe("-count_frames -select_streams v:0 -show_entries stream=nb_read_frames -of csv=p=0", path)[0], CultureInfo.InvariantCulture);

    private static Task<SluiceServer> StartAsync(Action<SluiceOptions>? options = null) => SessionServer.StartAsync(settings =>
    {
        (settings.Transcode.Enabled, settings.Transcode.ChunkSeconds, settings.Transcode.Preset) = (true, 2, "ultrafast");
        settings.Ladder = [90, 60];
        options?.Invoke(settings);
    });

    private static async Task<Asset> AssetAsync(SluiceServer server, JsonElement session) =>
        (await server.App.Services.GetRequiredService<ICatalog>().FindAsync(
            AssetId.Parse(session.GetProperty("playable").Text("id"), CultureInfo.InvariantCulture), default)).ShouldNotBeNull();
}
