using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Ingest;
using Sluice.Server.Package;
using Sluice.Server.Store;
using Sluice.Server.Tests.Live;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Recordings;

/// <summary>Whatever breaks on the way to the title, what was recorded is not lost.</summary>
public sealed class RecordingTroubleTests(LiveSegments segments) : IClassFixture<LiveSegments>
{
    private readonly FastClock _clock = new(20);

    [Fact]
    public async Task Trouble_on_the_way_to_a_title_is_waited_out()
    {
        var isBroken = true;
        await using var upstream = await LoopingUpstream.StartAsync(segments, _clock);
        await using var server = await StartAsync(() => Volatile.Read(ref isBroken) ? throw new IOException("Input/output error", 5) : Playing);
        var recording = await RecordAsync(server, upstream);

        await RecordingServer.StopAsync(server);

        var import = await UntilAsync(server, recording, "queued");
        import.Text("reason").ShouldContain("tried again");
        new ImportShelf(server.Data).List().ShouldHaveSingleItem().ShouldBe(IdOf(recording));
        Volatile.Write(ref isBroken, false);
        import = await RecordingServer.EndOfAsync(server, recording);
        (import.Text("state"), import.GetProperty("reason").ValueKind).ShouldBe(("done", JsonValueKind.Null), import.ToString());
        RecordingServer.SourceOf(server, recording).Length.ShouldBeGreaterThanOrEqualTo(segments.All[0].Length);
        Directory.GetFiles(Path.Combine(server.Data, "imports")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Trouble_that_does_not_end_is_given_up_and_the_recording_is_kept_with_the_reason()
    {
        var (attempts, clock) = (0, new HurriedClock());
        await using var upstream = await LoopingUpstream.StartAsync(segments, clock);
        await using var server = await RecordingServer.StartAsync(clock, services: services => services.AddSingleton<PackageStep>((_, _, _, _) =>
        {
            Interlocked.Increment(ref attempts);
            throw new InvalidDataException("of a kind that nobody thought of");
        }));
        var recording = await RecordAsync(server, upstream);
        clock.Hurry();

        await RecordingServer.StopAsync(server);

        var import = await RecordingServer.EndOfAsync(server, recording);
        import.Text("state").ShouldBe("failed", import.ToString());
        import.Text("reason").ShouldStartWith("It could not be made a title, again and again; the log of the server tells why. The file is kept: imports/");
        attempts.ShouldBe(12);
        new FileInfo(Path.Combine(server.Data, $"imports/{recording.Text("id")}.ts")).Length.ShouldBeGreaterThanOrEqualTo(segments.All[0].Length);
    }

    [Fact]
    public async Task What_is_refused_is_set_aside_and_its_import_says_where()
    {
        await using var upstream = await LoopingUpstream.StartAsync(segments, _clock);
        await using var server = await StartAsync(() => Playing with { RefusedReason = "It is no media." });
        var recording = await RecordAsync(server, upstream);

        await RecordingServer.StopAsync(server);

        var import = await RecordingServer.EndOfAsync(server, recording);
        var place = $"imports/{recording.Text("id")}.ts";
        (import.Text("state"), import.Text("reason")).ShouldBe(("failed", $"It is no media. The file is kept: {place} in the data folder."));
        var bytes = await File.ReadAllBytesAsync(Path.Combine(server.Data, place));
        (bytes[0], bytes.Length % 188).ShouldBe(((byte)0x47, 0));
        bytes.Length.ShouldBeGreaterThanOrEqualTo(segments.All[0].Length);
        new ImportShelf(server.Data).List().ShouldBeEmpty("the next server removes nothing that is not on the shelf");
    }

    [Fact]
    public async Task Called_off_while_it_waits_it_stays_called_off_and_the_next_server_keeps_it()
    {
        var data = Directory.CreateTempSubdirectory("sluice-test-").FullName;
        try
        {
            await using var upstream = await LoopingUpstream.StartAsync(segments, _clock);
            JsonElement recording;
            await using (var first = await StartAsync(() => throw new IOException("No space left on device", 28), data))
            {
                recording = await RecordAsync(first, upstream);
                await RecordingServer.StopAsync(first);
                await UntilAsync(first, recording, "queued");

                using var gone = await first.Http.DeleteAsync($"/api/v1/imports/{recording.Text("id")}");

                ((int)gone.StatusCode).ShouldBe(204);
                var (state, twoLooksLater) = ("", _clock.GetUtcNow() + TimeSpan.FromSeconds(70));
                (await Eventually.Holds(async () =>
                    (state = (await ImportAsync(first, recording)).Text("state")) != "cancelled" || _clock.GetUtcNow() > twoLooksLater)).ShouldBeTrue();
                state.ShouldBe("cancelled", "it is not open again");
            }

            await using var second = await StartAsync(() => Playing, data);

            await UntilAsync(second, recording, "done");
            RecordingServer.SourceOf(second, recording).Length.ShouldBeGreaterThanOrEqualTo(segments.All[0].Length);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private static PackageResult Playing { get; } =
        new(null, AssetState.Ready, null, "abcd", 12.5, [new("v0", "video", "h264 High", "copy", "plays as it is", "avc1.64001F", null, null)]);

    private static AssetId IdOf(JsonElement recording) => AssetId.Parse(recording.Text("id"), null);

    private static async Task<JsonElement> ImportAsync(SluiceServer server, JsonElement recording)
    {
        using var response = await server.Http.GetAsync($"/api/v1/imports/{recording.Text("id")}");
        return await response.JsonAsync();
    }

    private static async Task<JsonElement> UntilAsync(SluiceServer server, JsonElement recording, string state)
    {
        var import = default(JsonElement);
        (await Eventually.Holds(async () => (import = await ImportAsync(server, recording)).Text("state") == state))
            .ShouldBeTrue($"it stays {import}");
        return import;
    }

    private Task<SluiceServer> StartAsync(Func<PackageResult> package, string? data = null) => RecordingServer.StartAsync(
        _clock, data, services: services => services.AddSingleton<PackageStep>((_, _, _, _) => Task.FromResult(package())));

    private async Task<JsonElement> RecordAsync(SluiceServer server, LoopingUpstream upstream)
    {
        await RecordingServer.MakeAsync(server, upstream.Url);
        var recording = await RecordingServer.RecordAsync(server);
        await RecordingServer.GrowAsync(server, segments.All[0].Length);
        return recording;
    }

    /// <summary>Twenty times as fast as the world; in a hurry, what waits for half a minute and longer waits for a moment.</summary>
    private sealed class HurriedClock : TimeProvider
    {
        private readonly FastClock _inner = new(20);
        private volatile bool _isHurried;

        public override long TimestampFrequency => _inner.TimestampFrequency;

        public void Hurry() => _isHurried = true;

        public override DateTimeOffset GetUtcNow() => _inner.GetUtcNow();

        public override long GetTimestamp() => _inner.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            _inner.CreateTimer(callback, state, _isHurried && dueTime >= TimeSpan.FromSeconds(30) ? dueTime / 500 : dueTime, period);
    }
}
