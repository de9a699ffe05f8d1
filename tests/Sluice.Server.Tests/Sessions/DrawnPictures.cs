using System.Globalization;
using System.Text.Json;
using Shouldly;
using Sluice.Server.Tests.AnyFiles;
using Sluice.Server.Tests.Burned;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Sessions;

/// <summary>Sessions of a <see cref="SubtitledFilm"/>: subtitles drawn into the picture, and what is seen of them.</summary>
internal static class DrawnPictures
{
    private const double Grey = 126, White = 235, Slack = 12;

    public static Task<SluiceServer> StartAsync() => SessionServer.StartAsync(o =>
    {
        (o.Transcode.Enabled, o.Transcode.ChunkSeconds, o.Transcode.Preset, o.Ladder) = (true, 4, "ultrafast", [180]);
        (o.Sessions.OpenSeconds, o.Sessions.IdleSeconds) = (86_400, 86_400); // Its clock runs fast, and this machine may be slow.
    });

    public static Task<HttpResponseMessage> PutAsync(SluiceServer server, JsonElement session, string json) =>
        server.SendAsync(HttpMethod.Put, $"/api/v1/sessions/{session.Text("id")}/subtitles/burned", json: json);

    public static async Task<JsonElement> BurnAsync(SluiceServer server, JsonElement session, string track)
    {
        using var answer = await PutAsync(server, session, $$"""{"track":{{track}}}""");
        ((int)answer.StatusCode).ShouldBe(200, await answer.Content.ReadAsStringAsync());
        return await answer.JsonAsync();
    }

    public static (int? Burned, string Images) Told(JsonElement session)
    {
        var told = session.GetProperty("subtitles");
        var burned = told.GetProperty("burned");
        return (burned.ValueKind == JsonValueKind.Null ? null : burned.GetInt32(), string.Join(", ", told.GetProperty("images").EnumerateArray().Select(i => string.Create(
            CultureInfo.InvariantCulture, $"{i.GetProperty("track").GetInt32()} {i.Text("codec")} {(i.GetProperty("language").ValueKind == JsonValueKind.Null ? "-" : i.Text("language"))}"))));
    }

    public static async Task<List<(double Time, double Lower, double Upper, double Elsewhere)>> LookAsync(
        SubtitledFilm film, SluiceServer server, JsonElement session)
    {
        var folder = Directory.CreateDirectory(Path.Combine(film.Folder, Path.GetRandomFileName())).FullName;
        var shown = await new HlsViewer(server.Http, folder).ReadAsync(
            new Uri(session.GetProperty("playback").Text("hls")), TestContext.Current.CancellationToken);
        return SubtitledFilm.Look(shown.Video!, 1, 320, 180);
    }

    public static void ShouldShow(List<(double Time, double Lower, double Upper, double Elsewhere)> frames, bool isBurned)
    {
        frames.Count.ShouldBe(400);
        frames.ShouldAllBe(f => Math.Abs(f.Elsewhere - Grey) < Slack);
        frames.Where(f => SubtitledFilm.IsClear(f.Time)).ShouldAllBe(
            f => Math.Abs(f.Lower - (isBurned && SubtitledFilm.Shows(SubtitledFilm.Lower, f.Time) ? White : Grey)) < Slack);
    }
}
