using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Rooms;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>Pages that watch together.</summary>
public sealed class RoomTests(BrowserSuite suite) : BrowserTest(suite)
{
    /// <summary>Seconds for which positions are compared.</summary>
    private const int Watched = 20;

    [Fact]
    public async Task Three_pages_one_of_them_slow_are_where_the_room_is()
    {
        var server = await StartServerAsync(configure: GoesOn);
        var watch = await PublishAsync(server);
        using var observer = await RoomVisitor.EnterAsync(server, RoomOf(watch), "Observer");
        var timeline = new RoomTimeline(observer);
        IPage[] pages = [Page, await Context.NewPageAsync(), await Context.NewPageAsync()];
        foreach (var page in pages)
        {
            await page.GotoAsync(watch + "&room=1");
            await new Player(page, "hls").ReadyAsync();
        }

        await SlowAsync(pages[2], 4);
        await new Player(pages[0], "hls").PlayAsync();
        foreach (var page in pages)
        {
            await new Player(page, "hls").PlaysOnAsync();
        }

        // A machine that does something else for a moment is no fault of the room: one window without that is enough.
        var seen = new List<string>();
        var isNear = false;
        for (var window = 0; window < 4 && !isNear; window++)
        {
            var samples = await Task.WhenAll(pages.Select(page => RoomTimeline.SampleAsync(page, Watched)));
            await timeline.CatchUpAsync();
            var distances = samples.Select(timeline.Distances).ToArray();
            distances.ShouldAllBe(page => page.Length > Watched * 4, "few samples say little");
            isNear = NearIn([.. distances.SelectMany(page => page)]) >= 0.95;
            seen.Add(string.Join(", ", distances.Select(page => $"{NearIn(page):P0} near and at worst {page.Max():F2} s off")));
        }

        isNear.ShouldBeTrue(string.Join("; ", seen));

        await new Player(pages[0], "hls").PauseAsync();
        foreach (var page in pages)
        {
            await new Player(page, "hls").UntilAsync("video.paused && !video.seeking");
        }

        var stands = await Task.WhenAll(pages.Select(page => new Player(page, "hls").TimeAsync()));
        (stands.Max() - stands.Min()).ShouldBeLessThan(0.15);
    }

    [Fact]
    public async Task What_people_call_themselves_and_say_is_text()
    {
        const string Name = "<img src=x onerror=alert(1)>";
        const string Line = "<script>alert(1)</script> & \"quotes\"";
        var server = await StartServerAsync(configure: GoesOn);
        var watch = await PublishAsync(server);
        using var bob = await RoomVisitor.EnterAsync(server, RoomOf(watch), Name);
        await Page.GotoAsync(watch);
        await Assertions.Expect(At("room")).ToHaveCountAsync(0);
        await At("room-open").ClickAsync();
        await bob.SendAsync($$"""{"type":"chat","text":{{System.Text.Json.JsonSerializer.Serialize(Line)}}}""");

        await Assertions.Expect(At("room-line")).ToHaveTextAsync($"{Name}: {Line}");
        await Assertions.Expect(At("room-member").First).ToContainTextAsync(Name);
        await Assertions.Expect(At("room-member").First.GetByTestId("room-host")).ToBeVisibleAsync();
        await Assertions.Expect(At("room").Locator("img, script")).ToHaveCountAsync(0);

        await At("room-name").FillAsync("Ann");
        await At("room-name").PressAsync("Enter");
        await At("room-say").FillAsync("hey");
        await At("room-say").PressAsync("Enter");
        (await bob.UntilAsync("chat", line => line.Text("text") == "hey")).Text("name").ShouldBe("Ann");

        await At("room-leave").ClickAsync();
        await bob.UntilAsync("people", people => people.GetProperty("members").GetArrayLength() == 1);
    }

    [Fact]
    public async Task Pages_come_back_to_where_they_were_when_the_server_does()
    {
        Guard.Expect("WebSocket");
        Guard.Expect("net::ERR_CONNECTION");
        Guard.Expect("status of 426");
        var data = Directory.CreateTempSubdirectory("sluice-room-").FullName;
        var before = await StartAsync(data);
        var port = before.Http.BaseAddress!.Port;
        var watch = await PublishAsync(before);
        var other = await Context.NewPageAsync();
        foreach (var page in (IPage[])[Page, other])
        {
            await page.GotoAsync(watch + "&room=1");
            await new Player(page, "hls").ReadyAsync();
            await Assertions.Expect(page.GetByTestId("room")).ToHaveAttributeAsync("data-phase", "open");
        }

        var player = new Player(Page, "hls");
        await player.PlayAsync();
        await player.UntilAsync("video.currentTime > 3");
        await before.DisposeAsync();
        await Assertions.Expect(At("room")).ToHaveAttributeAsync("data-phase", "waiting");
        await player.PlaysOnAsync();

        var after = await StartAsync(data, port);
        foreach (var page in (IPage[])[Page, other])
        {
            await Assertions.Expect(page.GetByTestId("room")).ToHaveAttributeAsync("data-phase", "open");
            await Assertions.Expect(page.GetByTestId("room-member")).ToHaveCountAsync(2);
            await new Player(page, "hls").UntilAsync("!video.paused && video.currentTime > 4");
        }

        await player.PauseAsync();
        await new Player(other, "hls").UntilAsync("video.paused");
        await Page.CloseAsync();
        await other.CloseAsync();
        await after.DisposeAsync();
        Directory.Delete(data, recursive: true);
    }

    /// <summary>Part of the samples that are where the room is, as far as people notice.</summary>
    private static double NearIn(double[] distances) => distances.Count(distance => distance <= 0.15) / (double)distances.Length;

    /// <summary>Its time goes on.</summary>
    private static void GoesOn(WebApplicationBuilder builder) => builder.Services.AddSingleton(TimeProvider.System);

    /// <summary>A server that can be had again with the same titles at the same address.</summary>
    private async Task<SluiceServer> StartAsync(string data, int port = 0)
    {
        var server = await SluiceServer.StartAsync(options => options.Server.Port = port, GoesOn, realPackager: true, data: data);
        Guard.Trust(server.Http.BaseAddress!);
        return server;
    }

    private async Task<string> PublishAsync(SluiceServer server) =>
        (await Suite.PublishAsync(server, MediaFiles.Coming)).GetProperty("playback").GetProperty("watch").GetString()!;

    /// <summary>The address of the room of a watch page.</summary>
    private static string RoomOf(string watch) => "/api/v1/rooms/asset/" + new Uri(watch).PathAndQuery["/watch/".Length..];

    /// <summary>Lets a page's scripts run so many times slower.</summary>
    private async Task SlowAsync(IPage page, int times)
    {
        var session = await Context.NewCDPSessionAsync(page);
        await session.SendAsync("Emulation.setCPUThrottlingRate", new Dictionary<string, object> { ["rate"] = times });
    }
}
