using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest;
using Sluice.Server.Live.Channels;
using Sluice.Server.Package;
using Sluice.Server.Tests.Manage.Channels;
using Sluice.Server.Tests.Support;

namespace Sluice.Server.Tests.Recordings;

/// <summary>Servers that record, and what one asks them.</summary>
internal static class RecordingServer
{
    /// <summary>A server in the time of <paramref name="clock"/> that takes everything for a title that plays.</summary>
    public static Task<SluiceServer> StartAsync(
        TimeProvider clock, string? data = null, Action<SluiceOptions>? options = null, Action<IServiceCollection>? services = null, bool realPackager = false) =>
        SluiceServer.StartAsync(
            settings =>
            {
                settings.Outbound.Allow = ["127.0.0.1/32"];
                options?.Invoke(settings);
            },
            builder =>
            {
                builder.Services.AddSingleton(clock);
                if (!realPackager)
                {
                    TrackVerdict[] tracks = [new("v0", "video", "h264 High", "copy", "plays as it is", "avc1.64001F", null, null)];
                    builder.Services.AddSingleton<PackageStep>(
                        (_, _, _, _) => Task.FromResult(new PackageResult(null, AssetState.Ready, null, "abcd", 12.5, tracks)));
                }

                services?.Invoke(builder.Services);
            },
            realPackager: realPackager,
            data: data);

    /// <summary>The channel <c>news</c>, with patience for a machine that is busy: a clock that runs faster makes all of it shorter.</summary>
    public static Task<JsonElement> MakeAsync(SluiceServer server, string url, string more = "") =>
        ChannelApi.MakeAsync(server, "news", url, ""","timeoutSeconds":300""" + more);

    /// <summary>Starts a recording of the channel <c>news</c>.</summary>
    public static async Task<JsonElement> RecordAsync(SluiceServer server, string json = "{}")
    {
        using var response = await server.SendAsync(HttpMethod.Post, "/api/v1/channels/news/record", json: json);
        ((int)response.StatusCode).ShouldBe(202, await response.Content.ReadAsStringAsync());
        var recording = await response.JsonAsync();
        response.Headers.Location?.ToString().ShouldBe($"/api/v1/imports/{recording.Text("id")}");
        return recording;
    }

    /// <summary>Ends it.</summary>
    public static async Task StopAsync(SluiceServer server)
    {
        using var response = await server.Http.DeleteAsync("/api/v1/channels/news/record");
        ((int)response.StatusCode).ShouldBe(202, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Waits until so many bytes are written.</summary>
    public static async Task GrowAsync(SluiceServer server, long bytes) => (await Eventually.Holds(
        async () => (await ChannelApi.GetAsync(server, "/news/status")).GetProperty("recording") is { ValueKind: JsonValueKind.Object } recording
            && recording.GetProperty("bytes").GetInt64() >= bytes)).ShouldBeTrue();

    /// <summary>Waits until it is over, and answers with its import.</summary>
    public static async Task<JsonElement> EndOfAsync(SluiceServer server, JsonElement recording)
    {
        var import = default(JsonElement);
        (await Eventually.Holds(
            async () =>
            {
                using var response = await server.Http.GetAsync($"/api/v1/imports/{recording.Text("id")}");
                import = await response.JsonAsync();
                return import.GetProperty("finishedAt").ValueKind != JsonValueKind.Null;
            })).ShouldBeTrue($"it stays {import}");
        return import;
    }

    /// <summary>The title that it became.</summary>
    public static async Task<JsonElement> TitleAsync(SluiceServer server, JsonElement recording)
    {
        using var response = await server.Http.GetAsync($"/api/v1/media/{recording.Text("id")}");
        ((int)response.StatusCode).ShouldBe(200, await response.Content.ReadAsStringAsync());
        return await response.JsonAsync();
    }

    /// <summary>The bytes of that title.</summary>
    public static byte[] SourceOf(SluiceServer server, JsonElement recording) =>
        File.ReadAllBytes(server.StoredFiles().Where(f => f.Contains(recording.Text("id"), StringComparison.Ordinal) && f.EndsWith("source", StringComparison.Ordinal))
            .Select(f => Path.Combine(server.Data, f)).Single());

    /// <summary>A viewer of the channel <c>news</c>, who keeps it.</summary>
    public static Task<ChannelVisit> WatchAsync(SluiceServer server)
    {
        server.App.Services.GetRequiredService<ChannelRegistry>().TryGet("news", out var channel).ShouldBeTrue();
        return channel!.VisitAsync(VisitKind.Endless, default);
    }
}
