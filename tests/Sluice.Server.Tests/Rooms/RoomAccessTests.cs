using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Live.Channels;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Rooms;

/// <summary>Who may play something may come into its room, for as long as that is so.</summary>
public sealed class RoomAccessTests
{
    [Fact]
    public async Task The_gate_is_that_of_the_title()
    {
        await using var server = await RoomSocketTests.StartAsync(guarded: true);
        var media = await PublishAsync(server);
        var path = $"/api/v1/rooms/asset/{media.Text("id")}";
        var token = media.GetProperty("playback").Text("token");

        await (await server.Http.GetAsync(path)).ShouldBeProblemAsync(403, "token-missing");
        await (await server.Http.GetAsync(path + "?token=x")).ShouldBeProblemAsync(403, "token-invalid");
        await (await server.Http.GetAsync($"/api/v1/rooms/asset/{AssetId.New()}?token={token}")).ShouldBeProblemAsync(404, "media-unknown");
        using var plain = await server.Http.GetAsync($"{path}?token={token}");
        await plain.ShouldBeProblemAsync(426, "websocket-needed");
        await Should.ThrowAsync<WebSocketException>(RoomVisitor.ConnectAsync(server, path));
        using var guest = await RoomVisitor.EnterAsync(server, $"{path}?token={token}");
        guest.Id.ShouldBe(1);
    }

    [Fact]
    public async Task A_page_of_another_site_comes_into_no_room()
    {
        await using var server = await RoomSocketTests.StartAsync(options => options.Server.AllowedOrigins = ["https://friend.example"]);
        var path = await RoomSocketTests.RoomAsync(server);
        await Should.ThrowAsync<WebSocketException>(RoomVisitor.ConnectAsync(server, path, ("Origin", "https://evil.example")));
        await (await server.SendAsync(HttpMethod.Get, path, headers: ("Origin", "https://evil.example"))).ShouldBeProblemAsync(403, "origin-refused");
        using var own = await RoomVisitor.ConnectAsync(server, path, ("Origin", server.Http.BaseAddress!.GetLeftPart(UriPartial.Authority)));
        using var friend = await RoomVisitor.ConnectAsync(server, path, ("Origin", "https://friend.example"));
    }

    [Theory]
    [InlineData("https://video.example.org", true)]
    [InlineData("https://video.example.org:443", true)]
    [InlineData("http://video.example.org", false)]
    [InlineData("https://video.example.org:8443", false)]
    [InlineData("https://evil.video.example.org", false)]
    [InlineData("null", false)]
    public void Pages_of_the_public_address_are_our_own_whatever_a_proxy_makes_of_the_host(string origin, bool isOurs)
    {
        var options = new SluiceOptions();
        options.Server.PublicUrl = "https://video.example.org/";
        var request = new DefaultHttpContext().Request;
        request.Host = new HostString("127.0.0.1", 8000);
        request.Headers.Origin = origin;
        new OpenDoor(options).NamesAnotherSite(request).ShouldBe(!isOurs);
    }

    [Fact]
    public async Task A_link_that_is_revoked_ends_its_visits()
    {
        await using var server = await RoomSocketTests.StartAsync(guarded: true, speed: 4);
        var media = await PublishAsync(server);
        var path = $"/api/v1/rooms/asset/{media.Text("id")}?token={media.GetProperty("playback").Text("token")}";
        using var ann = await RoomVisitor.EnterAsync(server, path);
        using var revoked = await server.SendAsync(HttpMethod.Delete, $"/api/v1/media/{media.Text("id")}/tokens", server.NewOperatorKey);
        revoked.EnsureSuccessStatusCode();

        (await ann.RestAsync())[^1].Text("code").ShouldBe("no-access");
        ((int?)ann.End.Status).ShouldBe(4002);
    }

    [Fact]
    public async Task A_channel_has_a_room_without_a_position()
    {
        await using var server = await RoomSocketTests.StartAsync(guarded: true, speed: 4);
        var channels = server.App.Services.GetRequiredService<ChannelRegistry>();
        var channel = new ChannelDefinition
        {
            Name = "news",
            Urls = ["http://192.0.2.1/live.m3u8"],
            Origin = ChannelOrigin.Configuration,
            IsPublic = true,
        };
        channels.Apply(ChannelOrigin.Configuration, [channel]);
        using var ann = await RoomVisitor.EnterAsync(server, "/api/v1/rooms/channel/news", "Ann");
        (ann.Welcome.Text("kind"), ann.Welcome.GetProperty("synchronized").GetBoolean()).ShouldBe(("channel", false));
        ann.Welcome.GetProperty("state").ValueKind.ShouldBe(JsonValueKind.Null);
        await ann.SendAsync("""{"type":"play"}""");
        (await ann.UntilAsync("error")).Text("code").ShouldBe("live");
        await (await server.Http.GetAsync("/api/v1/rooms/channel/none")).ShouldBeProblemAsync(404, "channel-unknown");

        channels.Apply(ChannelOrigin.Configuration, [channel with { IsPublic = false }]);
        await ann.RestAsync();
        ((int?)ann.End.Status).ShouldBe(4002);
        await (await server.Http.GetAsync("/api/v1/rooms/channel/news")).ShouldBeProblemAsync(403, "token-missing");
        var token = server.App.Services.GetRequiredService<PlaybackTokens>().Issue(new ChannelDoor("news", false, ChannelEpochs.OfConfiguration)).Token;
        using var bob = await RoomVisitor.EnterAsync(server, "/api/v1/rooms/channel/news?token=" + token);
        bob.Id.ShouldBeGreaterThan(1, "it is the same room");
    }

    private static async Task<JsonElement> PublishAsync(SluiceServer server)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/media")
        {
            Content = new MultipartFormDataContent { { new StringContent(SluiceServer.Playable), "media", "clip.mp4" } },
        };
        request.Headers.Authorization = new("Bearer", server.NewOperatorKey);
        using var response = await server.Http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        return await response.JsonAsync();
    }
}
