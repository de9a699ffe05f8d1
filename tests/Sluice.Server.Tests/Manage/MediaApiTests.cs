using System.Net;
using System.Text.Json;
using Shouldly;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Manage;

public sealed class MediaApiTests
{
    [Fact]
    public async Task The_library_is_paged_newest_first_and_shows_no_secrets()
    {
        await using var server = await SluiceServer.StartAsync();
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            ids.Insert(0, (await server.PublishAsync()).Text("id"));
            server.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        var walked = new List<string>();
        string? after = null;
        do
        {
            var text = await server.Http.GetStringAsync("/api/v1/media?limit=2" + (after is null ? "" : "&after=" + after));
            text.ShouldNotContain("adminKey");
            text.ShouldNotContain("token");
            var page = JsonDocument.Parse(text).RootElement;
            walked.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.Text("id")));
            after = page.GetProperty("next").GetString();
        }
        while (after is not null);

        walked.ShouldBe(ids);
    }

    [Fact]
    public async Task Title_and_expiry_change_alone_or_together()
    {
        await using var server = await SluiceServer.StartAsync();
        var path = "/api/v1/media/" + (await server.PublishAsync("?expiresInMinutes=5")).Text("id");
        var now = server.Clock.GetUtcNow();

        var renamed = await (await server.SendAsync(HttpMethod.Patch, path, json: """{"title":"New"}""")).JsonAsync();
        (renamed.Text("title"), renamed.GetProperty("expiresAt").GetDateTimeOffset()).ShouldBe(("New", now.AddMinutes(5)));

        var longer = await (await server.SendAsync(HttpMethod.Patch, path, json: """{"expiresInMinutes":60}""")).JsonAsync();
        (longer.Text("title"), longer.GetProperty("expiresAt").GetDateTimeOffset()).ShouldBe(("New", now.AddMinutes(60)));

        var forever = await (await server.SendAsync(HttpMethod.Patch, path, json: """{"expiresInMinutes":null}""")).JsonAsync();
        forever.GetProperty("expiresAt").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"title":5}""")]
    [InlineData("""{"title":""}""")]
    [InlineData("""{"title":null}""")]
    [InlineData("""{"expiresInMinutes":0}""")]
    [InlineData("""{"expiresInMinutes":"5"}""")]
    [InlineData("""{"expiresInMinutes":1.5}""")]
    public async Task A_change_that_is_none_is_refused(string json)
    {
        await using var server = await SluiceServer.StartAsync();
        var id = (await server.PublishAsync()).Text("id");
        using var response = await server.SendAsync(HttpMethod.Patch, "/api/v1/media/" + id, json: json);
        await response.ShouldBeProblemAsync(422, "request-invalid");
    }

    [Fact]
    public async Task Deleting_removes_row_and_files()
    {
        await using var server = await SluiceServer.StartAsync();
        var media = await server.PublishAsync();
        var path = "/api/v1/media/" + media.Text("id");

        (await server.SendAsync(HttpMethod.Delete, path, adminKey: media.Text("adminKey"))).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        await (await server.SendAsync(HttpMethod.Delete, path)).ShouldBeProblemAsync(404, "media-unknown");
        await (await server.Http.GetAsync($"{path}?token={media.GetProperty("playback").Text("token")}"))
            .ShouldBeProblemAsync(404, "media-unknown");
        server.StoredFiles().ShouldBe([]);
    }

    [Fact]
    public async Task Keys_lie_nowhere_in_the_data_folder()
    {
        await using var server = await SluiceServer.StartAsync();
        var media = await server.PublishAsync();
        string[] secrets = [media.Text("adminKey"), media.GetProperty("playback").Text("token"), server.NewOperatorKey!];
        foreach (var file in Directory.EnumerateFiles(server.Data, "*", SearchOption.AllDirectories))
        {
            await using var open = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(open, System.Text.Encoding.Latin1);
            var text = await reader.ReadToEndAsync();
            foreach (var secret in secrets)
            {
                text.Contains(secret, StringComparison.Ordinal).ShouldBeFalse(file);
            }
        }
    }
}
