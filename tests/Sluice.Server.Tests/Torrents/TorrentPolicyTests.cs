using System.Net;
using System.Text;
using Shouldly;
using Sluice.Server.Tests.Outbound;
using Sluice.Server.Tests.Support;
using Sluice.Server.Torrents;
using Xunit;

namespace Sluice.Server.Tests.Torrents;

/// <summary>Whom a torrent may have this server speak to, and what it may put on the disk.</summary>
public sealed class TorrentPolicyTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-torrents-");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Another address of this machine, on Linux.</summary>
    private static IPAddress Second { get; } = IPAddress.Parse("127.0.0.2");

    private string NewFolder => Path.Combine(_folder.FullName, Guid.NewGuid().ToString("N"));

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("http://127.0.0.1:{0}/announce")]
    [InlineData("http://[::ffff:127.0.0.1]:{0}/announce")]
    [InlineData("http://2130706433:{0}/announce")]
    [InlineData("http://localhost:{0}/announce")]
    [InlineData("https://127.0.0.1:{0}/announce")]
    [InlineData("udp://127.0.0.1:{0}/announce")]
    public async Task A_tracker_that_is_not_public_is_never_asked(string tracker)
    {
        await Seeder.RequirePythonAsync();
        await using var canary = new Canary();
        using var packets = new UdpCanary(canary.Port);
        await using var engine = Swarm.Engine(allow: []);

        await using var torrent = await engine.AddAsync(Link(string.Format(tracker, canary.Port)), NewFolder, Ct);

        (await Eventually.Holds(() => torrent.Status.Problem is not null)).ShouldBeTrue();
        torrent.Status.Problem!.ShouldNotContain("127.0.0.1");
        canary.Visits.ShouldBe(0);
        packets.Count.ShouldBe(0);
    }

    [Fact]
    public async Task A_peer_that_is_not_public_is_never_asked_whoever_names_it()
    {
        await Seeder.RequirePythonAsync();
        await using var victim = new Canary();
        byte[] peer = [127, 0, 0, 1, (byte)(victim.Port >> 8), (byte)victim.Port];
        var answer = Encoding.Latin1.GetString(Bencode.Dictionary(("interval", Bencode.Number(60)), ("peers", Bencode.Text(peer))));
        await using var tracker = new Canary($"HTTP/1.0 200 OK\r\nContent-Length: {answer.Length}\r\nConnection: close\r\n\r\n{answer}", Second);
        await using (var open = Swarm.Engine())
        {
            await using var torrent = await open.AddAsync(Link($"http://127.0.0.2:{tracker.Port}/announce"), NewFolder, Ct);
            (await Eventually.Holds(() => victim.Visits > 0)).ShouldBeTrue("the test itself does not work");
        }

        var before = victim.Visits;
        await using var engine = Swarm.Engine(allow: ["127.0.0.2/32", $"127.0.0.1:{victim.Port}"]);
        await using var refused = await engine.AddAsync(Link($"http://127.0.0.2:{tracker.Port}/announce"), NewFolder, Ct);

        (await Eventually.Holds(() => refused.Status.Problem?.Contains("may not be asked", StringComparison.Ordinal) == true)).ShouldBeTrue();
        victim.Visits.ShouldBe(before);
    }

    [Fact]
    public async Task A_redirect_of_a_tracker_to_what_is_not_public_is_not_followed()
    {
        await Seeder.RequirePythonAsync();
        await using var victim = new Canary();
        await using var tracker = new Canary(
            $"HTTP/1.0 302 Found\r\nLocation: http://127.0.0.1:{victim.Port}/announce\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", Second);
        await using (var open = Swarm.Engine())
        {
            await using var torrent = await open.AddAsync(Link($"http://127.0.0.2:{tracker.Port}/announce"), NewFolder, Ct);
            (await Eventually.Holds(() => victim.Visits > 0)).ShouldBeTrue("the test itself does not work");
        }

        var before = victim.Visits;
        await using var engine = Swarm.Engine(allow: ["127.0.0.2/32"]);
        await using var refused = await engine.AddAsync(Link($"http://127.0.0.2:{tracker.Port}/announce"), NewFolder, Ct);

        (await Eventually.Holds(() => refused.Status.Problem is not null)).ShouldBeTrue();
        victim.Visits.ShouldBe(before);
    }

    [Fact]
    public async Task What_is_larger_than_may_be_is_refused_with_the_number()
    {
        await using var engine = Swarm.Engine(configure: options => options.MostBytes = 1_500_000_000);
        var torrent = TestTorrent.Of(Bencode.Dictionary(
            ("length", Bencode.Number(2_000_000_000)), ("name", Bencode.Text("film.mp4")), ("piece length", Bencode.Number(1 << 24)),
            ("pieces", Bencode.Text(new byte[20 * 120]))));

        var refused = await Should.ThrowAsync<TorrentException>(() => engine.AddAsync(TorrentUpload.TryParse(torrent.Bytes)!, NewFolder, Ct));

        refused.Message.ShouldBe("The torrent's video has 2.0 GB; this server takes 1.5 GB (torrents.mostBytes).");
        engine.ProcessId.ShouldBeNull();
    }

    [Fact]
    public async Task All_files_that_are_read_count_together()
    {
        await Seeder.RequirePythonAsync();
        await using var engine = Swarm.Engine(configure: options => options.MostBytes = 1_500_000);
        var upload = TestTorrent.Files("x", 1 << 16, (["a.mp4"], new byte[1_000_000]), (["../b.txt".TrimStart('.', '/')], new byte[400_000]), (["c.mp4"], new byte[900_000]));
        await using var torrent = await engine.AddAsync(TorrentUpload.TryParse(upload.Bytes)!, NewFolder, Ct);
        var files = (await torrent.OpenAsync(Ct)).Files;

        torrent.Read(files[0]);
        torrent.Read(files[1]);
        torrent.Read(files[0]);

        Should.Throw<TorrentException>(() => torrent.Read(files[2])).Message.ShouldContain("torrents.mostBytes");
    }

    [Fact]
    public async Task One_that_peers_told_of_is_open_once_the_engine_was_told_what_it_is()
    {
        var upload = TestTorrent.OneFile("film.mp4", new byte[9], 1 << 14);
        MagnetLink.TryParse(upload.Magnet(), out var link).ShouldBeTrue();
        await using var engine = Swarm.Engine();
        await using var torrent = new Torrent(engine, 1, link, NewFolder, new TorrentLimits(100, 10));
        torrent.Knows(torrent.Beginning.ShouldNotBeNull());

        torrent.TryTake(upload.Info).ShouldBeTrue();
        var opened = torrent.OpenAsync(Ct);
        opened.IsCompleted.ShouldBeFalse("what is read now would come to the engine before it knows of what");

        torrent.Knows(torrent.Beginning.ShouldNotBeNull());
        (await opened).MainFile.Path.ShouldBe("film.mp4");
    }

    [Fact]
    public async Task Switched_off_there_are_none()
    {
        await using var engine = Swarm.Engine(configure: options => options.Enabled = false);

        (await Should.ThrowAsync<TorrentException>(() => engine.AddAsync(Link("http://t.example/"), NewFolder, Ct))).Message
            .ShouldBe("Torrents are switched off on this server (torrents.enabled).");
    }

    private static TorrentLink Link(string tracker)
    {
        MagnetLink.TryParse($"magnet:?xt=urn:btih:{Guid.NewGuid():N}01234567&tr={Uri.EscapeDataString(tracker)}", out var link).ShouldBeTrue();
        link.Trackers.ShouldHaveSingleItem();
        return link;
    }
}
