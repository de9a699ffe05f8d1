using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Access;

/// <summary>Who may watch a channel, through the real gate. The route behind it tells which token let one in.</summary>
public sealed class ChannelAccessTests
{
    private const string Foreign = "https://evil.example";

    private static readonly Dictionary<string, ChannelDoor> Channels = new ChannelDoor[]
    {
        new("open", IsPublic: true, 0), new("shut", IsPublic: false, 7), new("other", IsPublic: false, 7), new("0123456789abcdef", IsPublic: false, 0),
    }.ToDictionary(door => door.Name);

    [Theory]
    [InlineData("none")]
    [InlineData("Open")]
    [InlineData("open.ts")]
    [InlineData("..%2fopen")]
    public async Task An_unknown_channel_is_404_whatever_is_sent_with_it(string name)
    {
        await using var server = await StartAsync(guarded: true);
        await (await server.SendAsync(HttpMethod.Get, $"/test/{name}?token=bad", bearer: "bad")).ShouldBeProblemAsync(404, "channel-unknown");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_public_channel_is_open_to_who_sends_nothing(bool guarded)
    {
        await using var server = await StartAsync(guarded);
        (await server.Http.GetStringAsync("/test/open")).ShouldBe("open by nothing");
    }

    [Fact]
    public async Task Another_channel_is_open_by_query_cookie_or_header_to_a_token_of_its_own()
    {
        await using var server = await StartAsync(guarded: true);
        var token = Token(server, "shut");
        foreach (var response in (HttpResponseMessage[])
        [
            await server.SendAsync(HttpMethod.Get, $"/test/shut?x=1&token={token}"),
            await server.SendAsync(HttpMethod.Get, "/test/shut", bearer: token),
            await server.SendAsync(HttpMethod.Get, "/test/shut", headers: ("Cookie", $"a=b; sluice_token={token}")),
        ])
        {
            (await response.Content.ReadAsStringAsync()).ShouldBe($"shut by {token}");
        }

        await (await server.Http.GetAsync("/test/shut")).ShouldBeProblemAsync(403, "token-missing");
        await (await server.Http.GetAsync($"/test/other?token={token}")).ShouldBeProblemAsync(403, "token-invalid");
        await (await server.Http.GetAsync($"/test/shut?token={token}x")).ShouldBeProblemAsync(403, "token-invalid");
    }

    [Fact]
    public async Task A_token_that_is_sent_must_be_right_at_a_public_channel_too()
    {
        await using var server = await StartAsync();
        await (await server.Http.GetAsync("/test/open?token=x")).ShouldBeProblemAsync(403, "token-invalid");
        await (await server.Http.GetAsync($"/test/open?token={Token(server, "shut")}")).ShouldBeProblemAsync(403, "token-invalid");
        var token = Token(server, "open");
        (await server.Http.GetStringAsync($"/test/open?token={token}")).ShouldBe($"open by {token}");
    }

    [Fact]
    public async Task A_title_and_a_channel_never_open_by_a_token_of_the_other()
    {
        await using var server = await StartAsync(guarded: true);
        AssetId.TryParse("0123456789abcdef", null, out var id).ShouldBeTrue();
        var asset = new Asset
        {
            Id = id,
            Title = "",
            FileName = "",
            State = AssetState.Ready,
            Origin = "",
            SizeBytes = 1,
            CreatedAt = server.Clock.GetUtcNow(),
            UpdatedAt = server.Clock.GetUtcNow(),
            AdminKeyHash = [],
        };
        await server.Assets.AddAsync(asset, TestContext.Current.CancellationToken);
        var tokens = server.App.Services.GetRequiredService<PlaybackTokens>();
        var (ofTitle, ofChannel) = (tokens.Issue(asset).Token, Token(server, id.Value));

        (await server.Http.GetStringAsync($"/test/{id}?token={ofChannel}")).ShouldBe($"{id} by {ofChannel}");
        await (await server.Http.GetAsync($"/test/{id}?token={ofTitle}")).ShouldBeProblemAsync(403, "token-invalid");

        (await server.Http.GetAsync($"/api/v1/media/{id}?token={ofTitle}")).StatusCode.ShouldBe(HttpStatusCode.OK);
        await (await server.Http.GetAsync($"/api/v1/media/{id}?token={ofChannel}")).ShouldBeProblemAsync(403, "token-invalid");
        await (await server.Http.GetAsync($"/stream/{id}/master.m3u8?token={ofChannel}")).ShouldBeProblemAsync(403, "token-invalid");
    }

    [Fact]
    public async Task A_token_ends_at_its_instant_and_with_the_epoch()
    {
        await using var server = await StartAsync();
        var channel = Channels["shut"];
        var issued = server.App.Services.GetRequiredService<PlaybackTokens>().Issue(channel, TimeSpan.FromMinutes(1));
        issued.ExpiresAt.ShouldBe(server.Clock.GetUtcNow().AddMinutes(1));
        (await server.Http.GetAsync($"/test/shut?token={issued.Token}")).StatusCode.ShouldBe(HttpStatusCode.OK);

        var revoked = server.App.Services.GetRequiredService<PlaybackTokens>().Issue(channel with { Epoch = 6 });
        await (await server.Http.GetAsync($"/test/shut?token={revoked.Token}")).ShouldBeProblemAsync(403, "token-revoked");

        server.Clock.Advance(TimeSpan.FromSeconds(74));
        var refusal = await (await server.Http.GetAsync($"/test/shut?token={issued.Token}")).ShouldBeProblemAsync(403, "token-expired");
        refusal.Text("detail").ShouldBe("The link expired 14 s ago.");
    }

    [Fact]
    public async Task The_operator_watches_everything()
    {
        await using var server = await StartAsync(guarded: true);
        (await server.SendAsync(HttpMethod.Get, "/test/shut", bearer: server.NewOperatorKey)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await (await server.SendAsync(HttpMethod.Get, "/test/shut", bearer: server.NewOperatorKey + "x")).ShouldBeProblemAsync(403, "token-invalid");
    }

    [Fact]
    public async Task On_loopback_nothing_is_needed_but_pages_of_other_sites_do_not_get_in()
    {
        await using var server = await StartAsync();
        (await server.Http.GetStringAsync("/test/shut")).ShouldBe("shut by nothing");
        await (await server.SendAsync(HttpMethod.Get, "/test/shut", headers: ("Origin", Foreign))).ShouldBeProblemAsync(403, "token-missing");

        var own = server.Http.BaseAddress!.GetLeftPart(UriPartial.Authority);
        (await server.SendAsync(HttpMethod.Get, "/test/shut", headers: ("Origin", own))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("/live/none?token=x", "", true)]
    [InlineData("/live/none", "Bearer x", true)]
    [InlineData("/live/none", "", false)]
    [InlineData("/live/none?x=token", "", false)]
    public async Task Pages_of_other_sites_read_channels_by_a_token_only(string path, string authorization, bool may)
    {
        await using var server = await StartAsync();
        using var response = await server.SendAsync(HttpMethod.Get, path, headers: [("Origin", Foreign), .. Authorization(authorization)]);
        response.Headers.Contains("Access-Control-Allow-Origin").ShouldBe(may);

        using var preflight = await server.SendAsync(HttpMethod.Options, path, headers:
            [("Origin", Foreign), ("Access-Control-Request-Method", "GET"), ("Access-Control-Request-Headers", authorization.Length > 0 ? "authorization" : "range")]);
        preflight.Headers.Contains("Access-Control-Allow-Origin").ShouldBe(may);
    }

    [Fact]
    public async Task A_pass_holds_for_as_long_as_the_same_request_would_be_let_in()
    {
        await using var server = await StartAsync(guarded: true);
        var token = server.App.Services.GetRequiredService<PlaybackTokens>().Issue(Channels["shut"], TimeSpan.FromMinutes(1)).Token;
        foreach (var path in (string[])["/test/open", $"/test/shut?token={token}"])
        {
            (await server.Http.GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        await server.SendAsync(HttpMethod.Get, "/test/shut", bearer: server.NewOperatorKey);
        Passes(server).Select(pass => pass.Holds()).ShouldBe([true, true, true]);

        server.Clock.Advance(TimeSpan.FromMinutes(1));
        Passes(server).Select(pass => pass.Holds()).ShouldBe([true, false, true]);
    }

    private static IEnumerable<IChannelPass> Passes(SluiceServer server) => server.App.Services.GetRequiredService<ConcurrentQueue<IChannelPass>>();

    private static (string, string)[] Authorization(string value) => value.Length > 0 ? [("Authorization", value)] : [];

    private static string Token(SluiceServer server, string channel) =>
        server.App.Services.GetRequiredService<PlaybackTokens>().Issue(Channels[channel]).Token;

    private static Task<SluiceServer> StartAsync(bool guarded = false) => SluiceServer.StartAsync(
        guarded: guarded,
        configure: builder => builder.Services.AddSingleton<FindChannel>(Channels.GetValueOrDefault).AddSingleton<ConcurrentQueue<IChannelPass>>(),
        map: app => app.MapGet("/test/{channel}", (HttpContext context) =>
        {
            var pass = context.Features.Get<IChannelPass>()!;
            context.RequestServices.GetRequiredService<ConcurrentQueue<IChannelPass>>().Enqueue(pass);
            return $"{pass.Channel} by {pass.Token ?? "nothing"}";
        }).RequireChannel());
}
