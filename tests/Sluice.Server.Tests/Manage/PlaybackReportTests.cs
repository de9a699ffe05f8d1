using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Manage;

/// <summary>How playbacks went: told by whoever may play, read by whoever runs the title, kept as long as the title.</summary>
public sealed class PlaybackReportTests
{
    private const string Good = """{"kind":"hls","startupMs":300,"watchedSeconds":60,"stalls":2,"stalledMs":1500,"switches":1,"droppedFrames":3,"error":null}""";

    [Fact]
    public async Task What_players_told_is_summed_up()
    {
        await using var server = await SluiceServer.StartAsync();
        var (id, reports) = await PublishAsync(server);
        foreach (var json in (string[])[Good, Good.Replace("300", "900", StringComparison.Ordinal), Good.Replace("300", "null", StringComparison.Ordinal).Replace("\"error\":null", "\"error\":\"network\"", StringComparison.Ordinal)])
        {
            using var told = await server.SendAsync(HttpMethod.Post, reports, json: json);
            told.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        }

        var sum = await SumAsync(server, id);
        sum.GetProperty("medianStartupMs").GetInt32().ShouldBe(900);
        sum.GetProperty("stalls").GetInt32().ShouldBe(6);
        sum.GetProperty("failed").GetInt32().ShouldBe(1);
        sum.GetProperty("watchedSeconds").GetInt32().ShouldBe(180);
        sum.GetProperty("items")[0].GetProperty("error").GetString().ShouldBe("network");

        using var deleted = await server.SendAsync(HttpMethod.Delete, $"/api/v1/media/{id}");
        (await server.App.Services.GetService<Sluice.Server.Catalog.IPlaybackCatalog>()!.ListPlaybacksAsync(Sluice.Server.Catalog.AssetId.Parse(id, null), 10, default)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"kind":"rtmp","startupMs":1,"watchedSeconds":1,"stalls":0,"stalledMs":0,"switches":0,"droppedFrames":0}""")]
    [InlineData("""{"kind":"hls","startupMs":1,"watchedSeconds":-1,"stalls":0,"stalledMs":0,"switches":0,"droppedFrames":0}""")]
    [InlineData("""{"kind":"hls","startupMs":1,"watchedSeconds":1,"stalls":0,"stalledMs":0,"switches":0,"droppedFrames":0,"error":"<script>"}""")]
    public async Task What_is_no_report_is_refused(string json)
    {
        await using var server = await SluiceServer.StartAsync();
        var (id, reports) = await PublishAsync(server);
        using var told = await server.SendAsync(HttpMethod.Post, reports, json: json);
        await told.ShouldBeProblemAsync(422, "request-invalid");
        (await SumAsync(server, id)).GetProperty("items").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Only_whoever_may_play_tells_and_only_the_owner_reads()
    {
        await using var server = await SluiceServer.StartAsync(guarded: true);
        using var upload = new HttpRequestMessage(HttpMethod.Post, "/api/v1/media")
        {
            Content = new MultipartFormDataContent { { new ByteArrayContent("MEDIA"u8.ToArray()), "media", "clip.mp4" } },
        };
        upload.Headers.Authorization = new("Bearer", server.NewOperatorKey);
        using var uploaded = await server.Http.SendAsync(upload);
        var media = await uploaded.Content.ReadFromJsonAsync<JsonElement>();
        var path = $"/api/v1/media/{media.GetProperty("id").GetString()}/playbacks";

        using var stranger = await server.SendAsync(HttpMethod.Post, path, json: Good);
        await stranger.ShouldBeProblemAsync(403, "token-missing");
        using var viewer = await server.SendAsync(HttpMethod.Get, path + "?token=" + media.GetProperty("playback").GetProperty("token").GetString());
        viewer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Switched_off_nothing_is_asked_for_and_nothing_is_kept()
    {
        await using var server = await SluiceServer.StartAsync(options => options.Quality.Reports = false);
        var media = await server.PublishAsync();
        media.GetProperty("playback").GetProperty("reports").ValueKind.ShouldBe(JsonValueKind.Null);
        var id = media.GetProperty("id").GetString()!;
        using var told = await server.SendAsync(
            HttpMethod.Post, $"/api/v1/media/{id}/playbacks?token={media.GetProperty("playback").GetProperty("token").GetString()}", json: Good);
        told.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await SumAsync(server, id)).GetProperty("items").GetArrayLength().ShouldBe(0);
    }

    private static async Task<(string Id, string Reports)> PublishAsync(SluiceServer server)
    {
        var media = await server.PublishAsync();
        return (media.GetProperty("id").GetString()!, media.GetProperty("playback").GetProperty("reports").GetString()!);
    }

    private static async Task<JsonElement> SumAsync(SluiceServer server, string id)
    {
        using var response = await server.SendAsync(HttpMethod.Get, $"/api/v1/media/{id}/playbacks");
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }
}
