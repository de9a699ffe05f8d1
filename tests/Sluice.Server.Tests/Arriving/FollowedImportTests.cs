using System.Net;
using Shouldly;
using Sluice.Server.Tests.Imports;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Arriving;

/// <summary>Downloads that are repackaged, and watched, while they come.</summary>
public sealed class FollowedImportTests(FollowedFilms films) : IClassFixture<FollowedFilms>, IAsyncLifetime
{
    private Origin _origin = null!;
    private SluiceServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _origin = await Origin.StartAsync();
        _server = await ImportServer.StartAsync(
            o =>
            {
                o.Transcode.Enabled = true;
                o.Transcode.LadderForCopied = false;
            },
            realPackager: true);
    }

    public async ValueTask DisposeAsync()
    {
        _origin.LetGo.TrySetResult();
        await _server.DisposeAsync();
        await _origin.DisposeAsync();
    }

    [Fact]
    public async Task It_plays_while_it_is_downloaded_and_goes_on_as_the_same()
    {
        (_origin.Content, _origin.HoldsAfter) = (films.Transport, films.Transport.Length / 2);
        var import = await ImportServer.AskAsync(_server, _origin.Url);
        var viewer = await ArrivingAsync(import.Text("id"));
        var seen = await viewer.WatchAsync();
        seen.Count.ShouldBeGreaterThanOrEqualTo(4);

        _origin.LetGo.SetResult();
        (await ImportServer.EndOfAsync(_server, import)).Text("state").ShouldBe("done");

        (await viewer.ViewAsync()).Text("state").ShouldBe("ready");
        var all = await viewer.WatchAsync();
        foreach (var (name, bytes) in seen)
        {
            bytes.ShouldBe(all[name], name);
        }
    }

    [Fact]
    public async Task Another_file_at_the_same_address_is_another_title()
    {
        (_origin.Content, _origin.HoldsAfter) = (films.Matroska, films.Matroska.Length / 2);
        var import = await ImportServer.AskAsync(_server, _origin.Url);
        var viewer = await ArrivingAsync(import.Text("id"));
        var before = await viewer.WatchAsync();

        (_origin.Content, _origin.Tag, _origin.HoldsAfter) = (films.Transport, "\"v2\"", null);
        _origin.LetGo.SetCanceled(); // The line breaks.
        (await ImportServer.EndOfAsync(_server, import)).Text("state").ShouldBe("done");

        (await Eventually.Holds(async () => (await viewer.ViewAsync()).Text("state") == "ready")).ShouldBeTrue();
        await viewer.MintAsync();
        (await viewer.TracksAsync()).ShouldNotContain(track => before.Keys.Any(name => name.StartsWith(track, StringComparison.Ordinal)));
    }

    private async Task<ArrivingViewer> ArrivingAsync(string id)
    {
        var viewer = new ArrivingViewer(_server.Http, id);
        (await Eventually.Holds(async () =>
        {
            using var view = await _server.Http.GetAsync($"/api/v1/media/{id}");
            return view.StatusCode == HttpStatusCode.OK && (await view.JsonAsync()).Text("state") == "arriving";
        })).ShouldBeTrue("it does not play while it arrives");
        await viewer.MintAsync();
        return viewer;
    }
}
