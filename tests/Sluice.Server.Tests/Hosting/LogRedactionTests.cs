using Microsoft.Extensions.Logging;
using Shouldly;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Hosting;

/// <summary>With everything turned up, no line that is logged holds a token or a key.</summary>
public sealed class LogRedactionTests
{
    [Fact]
    public async Task No_secret_reaches_a_log()
    {
        await using var server = await SluiceServer.StartAsync(
            configure: builder =>
            {
                builder.Logging.SetMinimumLevel(LogLevel.Trace);
                builder.Logging.AddFilter("Microsoft", LogLevel.Trace);
                builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Trace);
            },
            guarded: true);
        var operatorKey = server.NewOperatorKey!;
        using var form = new MultipartFormDataContent { { new ByteArrayContent("MEDIA"u8.ToArray()), "media", "a.mp4" } };
        using var upload = new HttpRequestMessage(HttpMethod.Post, "/upload/") { Content = form };
        upload.Headers.Authorization = new("Bearer", operatorKey);
        var media = await (await server.Http.SendAsync(upload)).JsonAsync();
        var (id, key, token) = (media.Text("media_id"), media.Text("admin_key"), media.Text("access_token"));

        await server.Http.GetAsync($"/stream/{id}/playlist.m3u8?token={token}");
        await server.Http.GetAsync($"/stream/{id}/segment0.ts?token={token}x");
        await server.Http.GetAsync($"/no/such/page?token={token}&admin_key={key}");
        await server.SendAsync(HttpMethod.Get, $"/api/v1/media/{id}", bearer: token, adminKey: key);
        await server.SendAsync(HttpMethod.Get, $"/api/v1/media/{id}", headers: ("Cookie", "sluice_token=" + token));
        await server.SendAsync(HttpMethod.Get, "/api/v1/media?limit=bad", bearer: operatorKey);
        await server.Http.PostAsync($"/refresh-token/{id}?admin_key={key}", null);
        await server.SendAsync(HttpMethod.Get, "/health", headers: [("Host", "evil.example"), ("Authorization", "Bearer " + operatorKey)]);

        server.Logs.Lines.Count.ShouldBeGreaterThan(20);
        foreach (var secret in (string[])[operatorKey, key, token])
        {
            server.Logs.Lines.ShouldAllBe(line => !line.Contains(secret, StringComparison.Ordinal));
        }
    }
}
