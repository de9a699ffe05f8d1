using System.Net.Http.Json;
using System.Text.Json;
using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Hosting.Configuration;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Manage;

/// <summary>The server as its operator sees it: storage, viewers, checks, settings, and what was done with keys and links.</summary>
public sealed class AdminApiTests
{
    private const string Admin = "/api/v1/admin/";

    [Fact]
    public async Task Storage_and_what_is_sent_are_told()
    {
        await using var server = await SluiceServer.StartAsync();
        await server.PublishAsync();
        var now = await JsonAsync(server, "");
        now.GetProperty("titles").GetInt32().ShouldBe(1);
        now.GetProperty("sourceBytes").GetInt64().ShouldBe(SluiceServer.Playable.Length);
        now.GetProperty("freeBytes").GetInt64().ShouldBeGreaterThan(0);
        now.GetProperty("place").GetString().ShouldBe("disk");
        (await Eventually.Holds(async () => (await JsonAsync(server, "")).GetProperty("samples").GetArrayLength() == 1)).ShouldBeTrue();

        (await Eventually.Holds(async () =>
        {
            server.Clock.Advance(TimeSpan.FromSeconds(10));
            return (await JsonAsync(server, "")).GetProperty("samples").GetArrayLength() > 2;
        })).ShouldBeTrue();
    }

    [Fact]
    public async Task Checks_say_what_was_found_and_how_to_mend_it()
    {
        await using var server = await SluiceServer.StartAsync(options => options.Transcode.Ffmpeg = "/nowhere/ffmpeg");

        var found = (await JsonAsync(server, "checks")).GetProperty("items").EnumerateArray().ToArray();

        var ffmpeg = found.Single(check => check.GetProperty("subject").GetString() == "ffmpeg");
        ffmpeg.GetProperty("severity").GetString().ShouldBe("warn");
        ffmpeg.GetProperty("fix").GetString().ShouldNotBeNullOrEmpty();
        found.ShouldContain(check => check.GetProperty("severity").GetString() == "ok");
    }

    [Fact]
    public async Task Settings_are_those_in_force_and_secrets_are_not_among_them()
    {
        const string secret = "0123456789abcdef0123456789abcdef-secret";
        await using var server = await SluiceServer.StartAsync(options =>
        {
            options.Access.Secret = secret;
            options.Access.TokenMinutes = 77;
            options.Publish.Targets = new Dictionary<string, string> { ["cdn"] = "/srv/cdn" };
        });

        var text = await server.Http.GetStringAsync(Admin + "settings");
        var items = JsonElement.Parse(text).GetProperty("items").EnumerateArray().ToDictionary(item => item.GetProperty("key").GetString()!);

        text.ShouldNotContain(secret);
        items["access.secret"].GetProperty("value").GetString().ShouldBe("••••••••");
        items["storage.s3.secretKey"].GetProperty("value").ValueKind.ShouldBe(JsonValueKind.Null);
        items["access.tokenMinutes"].GetProperty("value").GetString().ShouldBe("77");
        items["access.tokenMinutes"].GetProperty("isDefault").GetBoolean().ShouldBeFalse();
        items["access.sessionMinutes"].GetProperty("isDefault").GetBoolean().ShouldBeTrue();
        items["ladder"].GetProperty("value").GetString()!.ShouldContain("1080");
        items.Count.ShouldBe(ConfigurationKeys.All.Count);
    }

    [Fact]
    public void Every_key_with_a_default_is_shown_with_it()
    {
        var shown = AdminSources.SettingsOf(new LoadedConfiguration(new SluiceOptions())).Items;
        shown.ShouldAllBe(item => item.IsDefault);
        shown.Single(item => item.Key == "server.port").Value.ShouldBe("8000");
        shown.Single(item => item.Key == "storage.reserveBytes").Value.ShouldBe("67108864");
        shown.Single(item => item.Key == "torrents.enabled").Value.ShouldBe("true");
    }

    [Fact]
    public async Task Who_made_and_revoked_links_is_written_down_and_never_the_link()
    {
        await using var server = await SluiceServer.StartAsync(guarded: true);
        using var upload = new HttpRequestMessage(HttpMethod.Post, "/api/v1/media")
        {
            Content = new MultipartFormDataContent { { new ByteArrayContent("MEDIA"u8.ToArray()), "media", "clip.mp4" } },
        };
        upload.Headers.Authorization = new("Bearer", server.NewOperatorKey);
        using var uploaded = await server.Http.SendAsync(upload);
        var media = await uploaded.Content.ReadFromJsonAsync<JsonElement>();
        var (id, adminKey) = (media.GetProperty("id").GetString()!, media.GetProperty("adminKey").GetString()!);

        using var made = await server.SendAsync(HttpMethod.Post, $"/api/v1/media/{id}/tokens", adminKey: adminKey);
        var token = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
        using var revoked = await server.SendAsync(HttpMethod.Delete, $"/api/v1/media/{id}/tokens", server.NewOperatorKey);
        using var wrong = await server.SendAsync(HttpMethod.Post, "/api/v1/operator/session", json: """{"key":"operator_wrong"}""");
        using var invalid = await server.SendAsync(HttpMethod.Post, $"/api/v1/media/{id}/tokens", adminKey: adminKey, json: """{"maxViews":0}""");

        string[] Lines(JsonElement page) =>
        [
            .. page.GetProperty("items").EnumerateArray()
                .Select(row => $"{row.GetProperty("action").GetString()} {row.GetProperty("actor").GetString()} {row.GetProperty("title").GetString()}"),
        ];
        string[] expected = ["logged-in-refused no-key ", "links-revoked operator-key clip", "link-made admin-key clip", "admin-key-made operator-key clip"];
        var lines = Array.Empty<string>();
        (await Eventually.Holds(async () =>
        {
            lines = Lines(await JsonAsync(server, "audit", server.NewOperatorKey));
            return lines.Length >= expected.Length;
        })).ShouldBeTrue();

        lines.ShouldBe(expected);
        using var all = await server.SendAsync(HttpMethod.Get, Admin + "audit", server.NewOperatorKey);
        var text = await all.Content.ReadAsStringAsync();
        text.ShouldNotContain(token);
        text.ShouldNotContain(adminKey);
        text.ShouldNotContain("operator_wrong");
        using var page = await server.SendAsync(HttpMethod.Get, Admin + "audit?limit=3", server.NewOperatorKey);
        var next = (await page.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("next").GetInt64();
        Lines(await JsonAsync(server, $"audit?before={next}", server.NewOperatorKey)).ShouldBe(expected[3..]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("checks")]
    [InlineData("settings")]
    [InlineData("audit")]
    public async Task All_of_it_is_the_operators(string path)
    {
        await using var server = await SluiceServer.StartAsync(guarded: true);
        using var response = await server.SendAsync(HttpMethod.Get, Admin + path);
        await response.ShouldBeProblemAsync(401, "key-missing");
    }

    private static async Task<JsonElement> JsonAsync(SluiceServer server, string path, string? key = null)
    {
        using var response = await server.SendAsync(HttpMethod.Get, Admin + path, key);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }
}
