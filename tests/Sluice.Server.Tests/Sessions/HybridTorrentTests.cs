using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Sessions;
using Sluice.Server.Tests.Imports;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Sessions;

/// <summary>A torrent of two hashes that is asked for by each of them before anybody knows that they mean the same.</summary>
public sealed class HybridTorrentTests(HybridSwarm swarm) : IClassFixture<HybridSwarm>
{
    [Fact]
    public async Task Who_waits_for_the_second_joins_the_first()
    {
        // No time passes for the server: both wait for their answers until they have them.
        await using var server = await StartAsync(new FakeClock());
        var desk = server.App.Services.GetRequiredService<SessionDesk>();
        await swarm.UnseedAsync();
        Task<HttpResponseMessage> first, second;
        try
        {
            first = SessionServer.PostAsync(server, swarm.V2);
            (await Eventually.Holds(() => desk.All is [{ Torrent: not null }])).ShouldBeTrue();
            second = SessionServer.PostAsync(server, swarm.V1);
            (await Eventually.Holds(() => desk.All is [{ Torrent: not null }, { Torrent: not null }])).ShouldBeTrue();
        }
        finally
        {
            await swarm.SeedAsync();
        }

        using var begun = await first.WaitAsync(Eventually.Patience);
        using var joined = await second.WaitAsync(Eventually.Patience);
        var session = await begun.JsonAsync();
        ((int)begun.StatusCode, session.Text("state")).ShouldBe((201, "ready"));
        ((int)joined.StatusCode, (await joined.JsonAsync()).Text("id")).ShouldBe((200, session.Text("id")));
        await ShouldPlayAsync(server, session);
        (await SessionServer.EndAsync(server, session)).IsSuccessStatusCode.ShouldBeTrue();
        await SessionServer.ShouldHaveNothingAsync(server);
    }

    [Fact]
    public async Task Who_was_told_that_the_second_is_being_opened_is_told_why_not_and_joins_when_it_is_begun_again()
    {
        await using var server = await StartAsync();
        await swarm.UnseedAsync();
        JsonElement first, second;
        try
        {
            (first, second) = (await OpeningAsync(server, swarm.V1), await OpeningAsync(server, swarm.V2));
        }
        finally
        {
            await swarm.SeedAsync();
        }

        first = await SettledAsync(server, first);
        second = await SettledAsync(server, second);
        (first.Text("state"), second.Text("state")).ShouldBe(("ready", "failed"), second.ToString());
        second.Text("reason").ShouldBe("The same torrent is open already, under its other hash. Begin it again to join those who watch it.");
        (await SessionServer.BeginAsync(server, swarm.V2, status: 200)).Text("id").ShouldBe(first.Text("id"));
        await ShouldPlayAsync(server, first);
    }

    [Fact]
    public async Task An_import_and_a_session_share_it()
    {
        await using var server = await StartAsync();
        await swarm.UnseedAsync();
        JsonElement session, import;
        try
        {
            session = await OpeningAsync(server, swarm.V1);
            import = await ImportServer.AskAsync(server, swarm.V2);
            await ImportServer.UntilAsync(server, import.Text("id"), now => now.GetProperty("reason").ValueKind == JsonValueKind.String);
        }
        finally
        {
            await swarm.SeedAsync();
        }

        var done = await ImportServer.EndOfAsync(server, import);
        done.Text("state").ShouldBe("done", done.ToString());
        session = await SettledAsync(server, session);
        session.Text("state").ShouldBe("ready", session.ToString());
        await ShouldPlayAsync(server, session);
    }

    private static Task<SluiceServer> StartAsync(FakeClock? clock = null) => SessionServer.StartAsync(
        options => (options.Sessions.IdleSeconds, options.Sessions.OpenSeconds) = (86_400, 86_400), clock);

    private static async Task<JsonElement> OpeningAsync(SluiceServer server, string magnet)
    {
        using var begun = await SessionServer.PostAsync(server, magnet);
        var session = await begun.JsonAsync();
        ((int)begun.StatusCode, session.Text("state")).ShouldBe((201, "opening"));
        return session;
    }

    private static async Task<JsonElement> SettledAsync(SluiceServer server, JsonElement session)
    {
        (await Eventually.Holds(async () =>
        {
            using var asked = await server.Http.GetAsync($"/api/v1/sessions/{session.Text("id")}");
            session = await asked.JsonAsync();
            return session.Text("state") != "opening";
        })).ShouldBeTrue(session.ToString());
        return session;
    }

    private static async Task ShouldPlayAsync(SluiceServer server, JsonElement session)
    {
        var player = new Player(server, session.GetProperty("playback").Text("hls"));
        var (version, track) = (await player.TracksAsync()).Single(t => t.Track == "v0");
        (await Eventually.Holds(async () => await SessionServer.StatusAsync(server, HttpMethod.Get, player.UrlOf($"{version}/{track}/9.m4s")) == 200)).ShouldBeTrue();
    }
}
