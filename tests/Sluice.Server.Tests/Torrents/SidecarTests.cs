using System.Collections.Concurrent;
using Shouldly;
using Sluice.Server.Tests.Support;
using Sluice.Server.Torrents;
using Sluice.Server.Torrents.Engine;
using Xunit;

namespace Sluice.Server.Tests.Torrents;

/// <summary>The engine's program, told what ends badly for one torrent: the others go on.</summary>
public sealed class SidecarTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-test-").FullName;
    private readonly ConcurrentQueue<SidecarEvent> _news = new();
    private Sidecar _sidecar = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _sidecar = await Sidecar.StartAsync(
        await Seeder.RequirePythonAsync(), new SidecarSettings("127.0.0.1:0", false, [], 10, 0, false), frame => _news.Enqueue(frame.Event), Ct);

    public async ValueTask DisposeAsync()
    {
        await (_sidecar?.DisposeAsync() ?? ValueTask.CompletedTask);
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task What_ends_badly_for_one_torrent_ends_nothing_else()
    {
        // It is read before it is known what is in it.
        await BeginAsync("early");
        await _sidecar.AskAsync(SidecarCommand.Read("early", 0, 10, 10), Ct).ShouldThrowAsync<TorrentException>();

        // libtorrent refuses the description that the server took.
        await BeginAsync("refused");
        await OpenAsync("refused", Bencode.Dictionary(("name", Bencode.Text("x"))));
        await ShouldHearAsync("failed", "refused");

        // Two links turn out to be the same torrent.
        var twin = TestTorrent.OneFile("film.mp4", new byte[9], 1 << 14).Info;
        await OpenAsync("one", twin);
        await BeginAsync("twin");
        await OpenAsync("twin", twin);
        await ShouldHearAsync("failed", "twin");

        // The longest line that there may be, of letters that JSON might write out.
        await OpenAsync("long", [.. Enumerable.Repeat((byte[])[0xfb, 0xef, 0xbe], TorrentUpload.MostBytes / 3).SelectMany(three => three)]);
        await ShouldHearAsync("failed", "long");

        // What comes with the next look at all of them.
        await BeginAsync("last");
        await ShouldHearAsync("status", "last");
        _news.ShouldContain(said => said.Event == "status" && said.Torrent == "one");
        foreach (var known in (string[])["early", "one", "last", "refused"])
        {
            await _sidecar.AskAsync(SidecarCommand.Remove(known), Ct);
        }
    }

    private Task BeginAsync(string torrent) => _sidecar.TellAsync(SidecarCommand.Metadata(torrent, Link(), Path.Combine(_folder, torrent)), Ct);

    private Task OpenAsync(string torrent, byte[] info) =>
        _sidecar.TellAsync(SidecarCommand.Open(torrent, Link(), info, Path.Combine(_folder, torrent)), Ct);

    private async Task ShouldHearAsync(string news, string torrent)
    {
        await Eventually.Holds(() => _sidecar.HasEnded || Heard());
        _sidecar.EndReason.ShouldBeNull();
        Heard().ShouldBeTrue();

        bool Heard() => _news.Any(said => said.Event == news && said.Torrent == torrent);
    }

    private static TorrentLink Link()
    {
        MagnetLink.TryParse($"magnet:?xt=urn:btih:{Guid.NewGuid():N}01234567", out var link).ShouldBeTrue();
        return link;
    }
}
