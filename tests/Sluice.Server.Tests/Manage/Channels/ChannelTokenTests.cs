using Shouldly;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Manage.Channels;

/// <summary>Playback tokens of channels, handed out and taken back.</summary>
public sealed class ChannelTokenTests
{
    [Fact]
    public async Task A_token_opens_its_channel_until_it_is_revoked()
    {
        await using var server = await StartAsync();
        await MakeAsync(server, "news");
        await MakeAsync(server, "other");
        var token = await IssueAsync(server, "news");

        (await StatusAsync(server, "news", token), await StatusAsync(server, "other", token)).ShouldBe((200, 403));

        using var revoked = await server.SendAsync(HttpMethod.Delete, "/api/v1/channels/news/tokens", bearer: server.NewOperatorKey);
        ((int)revoked.StatusCode).ShouldBe(204);
        (await StatusAsync(server, "news", token), await StatusAsync(server, "news", await IssueAsync(server, "news"))).ShouldBe((403, 200));
    }

    [Fact]
    public async Task A_token_does_not_outlive_its_channel_though_another_takes_the_name()
    {
        await using var server = await StartAsync();
        await MakeAsync(server, "news");
        var token = await IssueAsync(server, "news");
        using var gone = await server.SendAsync(HttpMethod.Delete, "/api/v1/channels/news", bearer: server.NewOperatorKey);

        (await StatusAsync(server, "news", token)).ShouldBe(404);
        await MakeAsync(server, "news");
        (await StatusAsync(server, "news", token)).ShouldBe(403);

        var own = await IssueAsync(server, "news");
        ChannelApi.Configure(server, "news");
        (await StatusAsync(server, "news", own)).ShouldBe(403, "the configuration's channel is another one");
    }

    [Fact]
    public async Task A_change_of_the_channel_leaves_tokens_as_they_are()
    {
        await using var server = await StartAsync();
        await MakeAsync(server, "news");
        var token = await IssueAsync(server, "news");

        await MakeAsync(server, "news", "http://b.example/x.m3u8");

        (await StatusAsync(server, "news", token)).ShouldBe(200);
    }

    [Fact]
    public async Task Links_of_a_channel_that_is_not_public_carry_a_token()
    {
        await using var server = await StartAsync();
        await MakeAsync(server, "news");
        using var response = await server.SendAsync(HttpMethod.Get, "/api/v1/channels/news", bearer: server.NewOperatorKey);

        var playback = (await response.JsonAsync()).GetProperty("playback");

        (await StatusAsync(server, "news", playback.Text("token"))).ShouldBe(200);
        playback.Text("hls").ShouldEndWith("/live/news/index.m3u8?token=" + playback.Text("token"));
        using var wrong = await server.SendAsync(
            HttpMethod.Post, "/api/v1/channels/news/tokens", bearer: server.NewOperatorKey, json: """{"expiresInMinutes":0}""");
        await wrong.ShouldBeProblemAsync(422, "request-invalid");
    }

    private static Task<SluiceServer> StartAsync() => ChannelApi.StartAsync(guarded: true);

    private static async Task MakeAsync(SluiceServer server, string name, string url = "http://a.example/x.m3u8")
    {
        using var response = await server.SendAsync(
            HttpMethod.Put, $"/api/v1/channels/{name}", bearer: server.NewOperatorKey, json: $$"""{"urls":"{{url}}"}""");
        response.IsSuccessStatusCode.ShouldBeTrue(await response.Content.ReadAsStringAsync());
    }

    private static async Task<string> IssueAsync(SluiceServer server, string name)
    {
        using var response = await server.SendAsync(
            HttpMethod.Post, $"/api/v1/channels/{name}/tokens", bearer: server.NewOperatorKey, json: """{"expiresInMinutes":5}""");
        ((int)response.StatusCode).ShouldBe(201, await response.Content.ReadAsStringAsync());
        return (await response.JsonAsync()).Text("token");
    }

    private static async Task<int> StatusAsync(SluiceServer server, string name, string token)
    {
        using var response = await server.Http.GetAsync($"/opens/{name}?token={token}");
        return (int)response.StatusCode;
    }
}
