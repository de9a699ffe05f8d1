using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>
/// What the page of a session says of a torrent. The session is a real one; how its torrent is, the test says in the place of the server:
/// swarms that do not move are hard to come by.
/// </summary>
public sealed class TorrentPageTests(BrowserSuite suite) : SessionPageTest(suite)
{
    private readonly JsonObject _torrent = new()
    {
        ["name"] = null, ["state"] = "metadata", ["peers"] = 0, ["seeds"] = 0, ["downBytesPerSecond"] = 0, ["upBytesPerSecond"] = 0,
        ["progress"] = 0, ["files"] = new JsonArray(),
    };

    private string _state = "opening";

    [Fact]
    public async Task It_tells_what_it_waits_for_until_it_plays()
    {
        await OpenTorrentAsync();
        await Assertions.Expect(At("session-opening")).ToContainTextAsync("Looking for peers who know this torrent…");
        _torrent["peers"] = 2;
        await Assertions.Expect(At("session-opening")).ToContainTextAsync("Asking what is in the torrent… (2 peers)");

        (_torrent["state"], _torrent["name"]) = ("downloading", "A film");
        await Assertions.Expect(At("session-opening")).ToContainTextAsync("Fetching the beginning of the file…");
        await Assertions.Expect(At("torrent")).ToContainTextAsync("A film");

        (_state, _torrent["progress"], _torrent["downBytesPerSecond"]) = ("ready", 0.129, 1_200_000);
        await new Player(Page, "hls").PlaysOnAsync();
        await Assertions.Expect(At("torrent-state")).ToHaveTextAsync("12 % here");
        await Assertions.Expect(At("torrent-peers")).ToContainTextAsync("1.2 MB/s down");

        (_torrent["state"], _torrent["peers"]) = ("waiting", 0);
        await Assertions.Expect(At("torrent-state")).ToContainTextAsync("Waiting for peers");
        await Assertions.Expect(At("player-hls")).ToHaveCountAsync(1);

        (_torrent["state"], _torrent["progress"]) = ("complete", 1);
        await Assertions.Expect(At("torrent-state")).ToHaveTextAsync("All of it is here");
    }

    [Fact]
    public async Task Another_file_is_chosen_and_the_player_follows()
    {
        _torrent["files"] = new JsonArray(FileOf(0, "Film/a.mkv", true), FileOf(1, "Film/b.mkv", false), FileOf(2, "Film/readme.txt", false));
        (_state, _torrent["state"]) = ("ready", "downloading");
        var sent = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await Page.RouteAsync("**/api/v1/sessions/*/file", async route =>
        {
            _state = "opening";
            foreach (var file in _torrent["files"]!.AsArray())
            {
                file!["chosen"] = file["index"]!.GetValue<int>() == 1;
            }

            await route.FulfillAsync(new() { Json = new { } });
            sent.TrySetResult(route.Request.PostData ?? "");
        });
        await OpenTorrentAsync();
        await new Player(Page, "hls").ReadyAsync();
        await Assertions.Expect(At("torrent-file").First).ToBeCheckedAsync();

        await At("torrent-file").First.FocusAsync();
        await Page.Keyboard.PressAsync("ArrowDown");
        JsonDocument.Parse(await sent.Task.WaitAsync(TimeSpan.FromMilliseconds(BrowserSuite.LongestWait)))
            .RootElement.GetProperty("index").GetInt32().ShouldBe(1);
        await Assertions.Expect(At("session-opening")).ToBeVisibleAsync();
        await Assertions.Expect(At("player-hls")).ToHaveCountAsync(0);

        _state = "ready";
        await new Player(Page, "hls").PlaysOnAsync();
        await Assertions.Expect(At("torrent-file").Nth(1)).ToBeCheckedAsync();
    }

    private static JsonObject FileOf(int index, string name, bool chosen) => new()
    {
        ["index"] = index, ["name"] = name, ["sizeBytes"] = 200_000_000, ["isVideo"] = name.EndsWith("mkv", StringComparison.Ordinal), ["chosen"] = chosen,
    };

    /// <summary>Begins a session, whose answers to the page have the test's torrent in them from now on.</summary>
    private async Task OpenTorrentAsync()
    {
        await Page.RouteAsync("**/api/v1/sessions", route => PatchAsync(route));
        await Page.RouteAsync("**/api/v1/sessions/*", route => PatchAsync(route));
        await Page.RouteAsync("**/api/v1/sessions/*/heartbeat", route => PatchAsync(route));
        await BeginAsync(Origin.Url);
        await Page.WaitForURLAsync("**/sessions/*");
    }

    private async Task PatchAsync(IRoute route)
    {
        var answer = await route.FetchAsync();
        var session = JsonNode.Parse(await answer.TextAsync())!.AsObject();
        if (session.ContainsKey("id"))
        {
            (session["torrent"], session["state"]) = (_torrent.DeepClone(), _state);
            if (_state != "ready")
            {
                (session["playable"], session["playback"]) = (null, null);
            }
        }

        await route.FulfillAsync(new() { Response = answer, Body = session.ToJsonString() });
    }
}
