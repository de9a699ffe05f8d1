using System.Net;
using Shouldly;
using Sluice.Server.Tests.Imports;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Arriving;

/// <summary>Downloads that are watched while they come.</summary>
public sealed class ArrivingImportTests(ArrivingFilms films) : IClassFixture<ArrivingFilms>, IAsyncLifetime
{
    private Origin _origin = null!;
    private SluiceServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _origin = await Origin.StartAsync();
        (_origin.Content, _origin.HoldsAfter) = (films.Plain, films.Plain.Length / 2);
        _server = await ImportServer.StartAsync(realPackager: true);
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
    public async Task Calling_it_off_takes_the_title_away()
    {
        var import = await ImportServer.AskAsync(_server, _origin.Url);
        var viewer = await ArrivingAsync(import.Text("id"));

        using var off = await _server.SendAsync(HttpMethod.Delete, $"/api/v1/imports/{viewer.Id}");

        off.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await Eventually.Holds(async () => (await _server.Http.GetAsync($"/api/v1/media/{viewer.Id}")).StatusCode == HttpStatusCode.NotFound)).ShouldBeTrue();
    }

    [Fact]
    public async Task Removing_the_title_calls_the_download_off()
    {
        var import = await ImportServer.AskAsync(_server, _origin.Url);
        var viewer = await ArrivingAsync(import.Text("id"));

        using var removed = await _server.SendAsync(HttpMethod.Delete, $"/api/v1/media/{viewer.Id}");

        removed.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await ImportServer.EndOfAsync(_server, import)).Text("state").ShouldBe("cancelled");
        (await Eventually.Holds(() => !Directory.EnumerateFileSystemEntries(Path.Combine(_server.Data, "imports")).Any())).ShouldBeTrue();
    }

    [Fact]
    public async Task Another_file_at_the_same_address_is_another_title()
    {
        var import = await ImportServer.AskAsync(_server, _origin.Url);
        var viewer = await ArrivingAsync(import.Text("id"));
        var before = await viewer.WatchAsync();

        byte[] other = [.. films.Plain];
        other[^1000] ^= 1; // Tables, sizes and times are the same.
        (_origin.Content, _origin.Tag, _origin.HoldsAfter) = (other, "\"v2\"", null);
        _origin.LetGo.SetCanceled(); // The line breaks.
        (await ImportServer.EndOfAsync(_server, import)).Text("state").ShouldBe("done");

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
