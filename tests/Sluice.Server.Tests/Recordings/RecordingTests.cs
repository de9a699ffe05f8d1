using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Live.Channels;
using Sluice.Server.Store;
using Sluice.Server.Tests.Live;
using Sluice.Server.Tests.Manage.Channels;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Recordings;

/// <summary>A channel is recorded, and becomes a title.</summary>
public sealed class RecordingTests(LiveSegments segments) : IClassFixture<LiveSegments>
{
    private readonly FastClock _clock = new(10);

    [Fact]
    public async Task What_was_recorded_is_a_title_of_the_library()
    {
        await using var upstream = await LoopingUpstream.StartAsync(segments, _clock);
        await using var server = await StartAsync(upstream);

        var recording = await RecordingServer.RecordAsync(server, """{"title":"The evening"}""");
        await RecordingServer.GrowAsync(server, 3 * segments.All[0].Length);
        (await ChannelApi.GetAsync(server, "/news/status")).GetProperty("viewers").GetProperty("recording").GetInt32().ShouldBe(1);
        await RecordingServer.StopAsync(server);

        var import = await RecordingServer.EndOfAsync(server, recording);
        (import.Text("state"), import.Text("kind"), import.Text("source")).ShouldBe(("done", "channel", "news"), import.ToString());
        import.GetProperty("reason").ValueKind.ShouldBe(JsonValueKind.Null);
        var title = await RecordingServer.TitleAsync(server, recording);
        (title.Text("title"), title.Text("state")).ShouldBe(("The evening", "ready"));
        title.Text("fileName").ShouldMatch(@"^news \d{8}-\d{6}\.ts$");
        var bytes = RecordingServer.SourceOf(server, recording);
        (bytes.Length % 188, bytes[0], bytes.LongLength).ShouldBe((0, (byte)0x47, title.GetProperty("sizeBytes").GetInt64()));
        var file = segments.Write("recorded.ts", bytes);
        Ffmpeg.Run("-xerror -i", file, "-f", "null", "-");
        (await ChannelApi.GetAsync(server, "/news/status")).GetProperty("recording").ValueKind.ShouldBe(JsonValueKind.Null);
        LeftBehind(server).ShouldBeEmpty();
    }

    [Fact]
    public async Task Its_title_is_that_of_the_channel_and_the_time_and_it_ends_by_itself()
    {
        await using var upstream = await LoopingUpstream.StartAsync(segments, _clock);
        await using var server = await StartAsync(upstream, ""","title":"The news" """);

        var recording = await RecordingServer.RecordAsync(server, """{"seconds":4}""");

        (recording.GetProperty("endsAt").GetDateTimeOffset() - recording.GetProperty("startedAt").GetDateTimeOffset()).ShouldBe(TimeSpan.FromSeconds(4));
        (await RecordingServer.EndOfAsync(server, recording)).Text("state").ShouldBe("done");
        (await RecordingServer.TitleAsync(server, recording)).Text("title").ShouldMatch(@"^The news, \d{4}-\d\d-\d\d \d\d:\d\d$");
    }

    [Fact]
    public async Task It_begins_before_now_as_far_as_that_is_still_there()
    {
        await using var upstream = await LoopingUpstream.StartAsync(segments, _clock);
        await using var server = await StartAsync(upstream);
        using var viewer = await RecordingServer.WatchAsync(server);
        (await Eventually.Holds(() => viewer.Feed.Ts.Index.Points.Length >= 6)).ShouldBeTrue();
        var oldest = viewer.Feed.Ts.Index.Points[0];
        var all = viewer.Feed.Ts.Position - oldest.Position;

        var recording = await RecordingServer.RecordAsync(server, """{"minutesBack":60}""");

        var back = recording.GetProperty("startedAt").GetDateTimeOffset() - recording.GetProperty("beginsAt").GetDateTimeOffset();
        back.ShouldBeInRange(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(60), "it says from when on it really is");
        await RecordingServer.GrowAsync(server, all);
        await RecordingServer.StopAsync(server);
        await RecordingServer.EndOfAsync(server, recording);
        var bytes = RecordingServer.SourceOf(server, recording).AsSpan();
        bytes.StartsWith(oldest.Join.Span).ShouldBeTrue();
        var log = viewer.Feed.Ts.Slice(oldest.Position, oldest.Position + 10_000)!.SelectMany(p => p.ToArray()).ToArray();
        bytes[oldest.Join.Length..].StartsWith(log).ShouldBeTrue("it begins with the oldest picture that was there");
    }

    [Fact]
    public async Task Called_off_among_the_imports_it_is_kept_too()
    {
        await using var upstream = await LoopingUpstream.StartAsync(segments, _clock);
        await using var server = await StartAsync(upstream);
        var recording = await RecordingServer.RecordAsync(server);
        await RecordingServer.GrowAsync(server, segments.All[0].Length);

        using var response = await server.Http.DeleteAsync($"/api/v1/imports/{recording.Text("id")}");

        ((int)response.StatusCode).ShouldBe(204);
        (await Eventually.Holds(async () => (await RecordingServer.EndOfAsync(server, recording)).Text("state") == "done")).ShouldBeTrue();
        await RecordingServer.TitleAsync(server, recording);
    }

    [Fact]
    public async Task One_at_a_time()
    {
        await using var upstream = await LoopingUpstream.StartAsync(segments, _clock);
        await using var server = await StartAsync(upstream);
        foreach (var (method, path, code) in new[]
        {
            (HttpMethod.Post, "other", "channel-unknown"), (HttpMethod.Delete, "other", "channel-unknown"), (HttpMethod.Delete, "news", "recording-unknown"),
        })
        {
            using var none = await server.SendAsync(method, $"/api/v1/channels/{path}/record");
            await none.ShouldBeProblemAsync(404, code);
        }

        await RecordingServer.RecordAsync(server);
        using var second = await server.Http.PostAsync("/api/v1/channels/news/record", null);
        await second.ShouldBeProblemAsync(409, "recording-runs");
        await RecordingServer.StopAsync(server);
        (await Eventually.Holds(async () => (await ChannelApi.GetAsync(server, "/news/status")).GetProperty("recording").ValueKind == JsonValueKind.Null)).ShouldBeTrue();
        await RecordingServer.RecordAsync(server);
    }

    [Theory]
    [InlineData("""{"seconds":0}""")]
    [InlineData("""{"seconds":"5"}""")]
    [InlineData("""{"minutesBack":-1}""")]
    [InlineData("""{"title":5}""")]
    [InlineData("[]")]
    public async Task A_wish_that_cannot_be_is_refused(string json)
    {
        await using var upstream = await LoopingUpstream.StartAsync(segments, _clock);
        await using var server = await StartAsync(upstream);

        using var response = await server.SendAsync(HttpMethod.Post, "/api/v1/channels/news/record", json: json);

        await response.ShouldBeProblemAsync(422, "request-invalid");
    }

    [Fact]
    public async Task What_was_recorded_when_the_server_was_stopped_becomes_a_title_at_its_next_start()
    {
        var data = Directory.CreateTempSubdirectory("sluice-test-").FullName;
        try
        {
            await using var upstream = await LoopingUpstream.StartAsync(segments, _clock);
            JsonElement recording;
            await using (var first = await RecordingServer.StartAsync(_clock, data))
            {
                await RecordingServer.MakeAsync(first, upstream.Url);
                recording = await RecordingServer.RecordAsync(first);
                await RecordingServer.GrowAsync(first, segments.All[0].Length);
            }

            // As a server that was killed leaves it.
            await using (var file = new FileStream(new ImportShelf(data).PathOf(AssetId.Parse(recording.Text("id"), null)), FileMode.Append))
            {
                file.Write(new byte[100]);
            }

            await using var second = await RecordingServer.StartAsync(_clock, data);
            var import = await RecordingServer.EndOfAsync(second, recording);

            import.Text("state").ShouldBe("done");
            import.Text("reason").ShouldBe("The server was stopped while it was recorded: this is what came until then.");
            var bytes = RecordingServer.SourceOf(second, recording);
            (bytes.Length % 188).ShouldBe(0);
            bytes.Length.ShouldBeGreaterThanOrEqualTo(segments.All[0].Length);
            LeftBehind(second).ShouldBeEmpty();
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [Theory]
    [InlineData("DELETE", "The channel was changed, switched off or removed.")]
    [InlineData("PATCH", "The channel was changed, switched off or removed.")]
    public async Task When_the_channel_goes_what_came_is_kept(string method, string reason)
    {
        await using var upstream = await LoopingUpstream.StartAsync(segments, _clock);
        await using var server = await StartAsync(upstream);
        var recording = await RecordingServer.RecordAsync(server);
        await RecordingServer.GrowAsync(server, segments.All[0].Length);

        using var gone = await server.SendAsync(new HttpMethod(method), "/api/v1/channels/news", json: """{"enabled":false}""");

        var import = await RecordingServer.EndOfAsync(server, recording);
        (import.Text("state"), import.Text("reason")).ShouldBe(("done", reason));
        await RecordingServer.TitleAsync(server, recording);
    }

    [Fact]
    public async Task A_recording_may_not_be_larger_than_an_upload()
    {
        await using var upstream = await LoopingUpstream.StartAsync(segments, _clock);
        await using var server = await StartAsync(upstream, most: 100_000);

        var import = await RecordingServer.EndOfAsync(server, await RecordingServer.RecordAsync(server));

        (import.Text("state"), import.Text("reason")).ShouldBe(("done", "It has as many bytes as this server takes: 100000 (ingest.maxUploadBytes)."));
        import.GetProperty("bytes").GetInt64().ShouldBeInRange(1, 100_000);
    }

    [Fact]
    public async Task A_disk_that_is_full_ends_it_with_what_came()
    {
        await using var upstream = await LoopingUpstream.StartAsync(segments, _clock);
        await using var server = await StartAsync(upstream, reserve: 1L << 60);

        var import = await RecordingServer.EndOfAsync(server, await RecordingServer.RecordAsync(server));

        (import.Text("state"), import.Text("reason")).ShouldBe(("done", "The disk was full: this is what came until then."));
        import.GetProperty("bytes").GetInt64().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_disk_that_is_too_slow_makes_a_gap_which_is_counted_and_the_channel_goes_on()
    {
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var clock = new FastClock(20);
        await using var upstream = await LoopingUpstream.StartAsync(segments, clock);
        await using var server = await RecordingServer.StartAsync(
            clock, services: services => services.AddSingleton<IImportCatalog>(p => new HeldCatalog((IImportCatalog)p.GetRequiredService<ICatalog>(), held.Task)));
        await RecordingServer.MakeAsync(server, upstream.Url, ""","bufferBytes":1048576""");
        var recording = await RecordingServer.RecordAsync(server);
        server.App.Services.GetRequiredService<ChannelRegistry>().TryGet("news", out var channel).ShouldBeTrue();

        (await Eventually.Holds(async () => await Task.FromResult(channel!.Feed!.Ts.Tail > 4 << 20))).ShouldBeTrue("the channel waits for nobody");
        held.SetResult();
        (await Eventually.Holds(async () => (await ChannelApi.GetAsync(server, "/news/status")).GetProperty("recording").GetProperty("gaps").GetInt32() == 1)).ShouldBeTrue();
        await RecordingServer.StopAsync(server);

        var import = await RecordingServer.EndOfAsync(server, recording);
        import.Text("state").ShouldBe("done");
        import.Text("reason").ShouldMatch(@"^The disk was too slow for the channel 1 times, by which \d{6,} bytes are missing\.$");
        channel!.Status().Counters[ChannelCounter.Skips].ShouldBe(1);
    }

    private async Task<SluiceServer> StartAsync(LoopingUpstream upstream, string more = "", long most = 64L << 30, long reserve = 0)
    {
        var server = await RecordingServer.StartAsync(_clock, options: o => (o.Ingest.MaxUploadBytes, o.Storage.ReserveBytes) = (most, reserve));
        await RecordingServer.MakeAsync(server, upstream.Url, more);
        return server;
    }

    private static string[] LeftBehind(SluiceServer server) => Directory.GetFiles(Path.Combine(server.Data, "imports"));
}
