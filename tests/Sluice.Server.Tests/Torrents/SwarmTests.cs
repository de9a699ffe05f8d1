using System.Security.Cryptography;
using Shouldly;
using Sluice.Server.Store;
using Sluice.Server.Tests.Processes;
using Sluice.Server.Tests.Support;
using Sluice.Server.Torrents;
using Xunit;

namespace Sluice.Server.Tests.Torrents;

/// <summary>Torrents, read from a real swarm on loopback.</summary>
public sealed class SwarmTests(Swarm swarm) : IClassFixture<Swarm>
{
    private const int Patience = 60;

    [Fact]
    public async Task What_is_read_comes_first_and_hardly_anything_else()
    {
        await using var engine = Swarm.Engine();
        await using var torrent = await engine.AddAsync(swarm.Link, swarm.NewFolder(), Limit());
        torrent.Name.ShouldBe("A film");
        var contents = await torrent.OpenAsync(Limit());
        torrent.Name.ShouldBe("film.mp4");
        contents.Files.ShouldBe([new TorrentFile(0, "film.mp4", 0, swarm.Content.Length)]);
        using var reader = torrent.Read(contents.MainFile);
        reader.Length.ShouldBe(swarm.Content.Length);

        await ShouldReadAsync(reader, 0, 1 << 20);
        await ShouldReadAsync(reader, swarm.Content.Length / 5 * 4, 300_000);
        await ShouldReadAsync(reader, swarm.Content.Length - 1000, 1000);

        (await reader.ReadAsync(swarm.Content.Length, new byte[1], Limit())).ShouldBe(0);
        (await Eventually.Holds(() => torrent.Status is { State: TorrentState.Ready, Peers: 1, Seeds: 1, BytesHere: > 1_400_000 })).ShouldBeTrue();
        torrent.Status.DownloadedBytes.ShouldBeLessThan(swarm.Content.Length * 15L / 100);
        torrent.Status.BytesHere.ShouldBeLessThanOrEqualTo(torrent.Status.DownloadedBytes);
    }

    [Fact]
    public async Task All_of_it_is_as_it_was_shared()
    {
        await using var engine = Swarm.Engine();
        var link = TorrentUpload.TryParse(swarm.Torrent.Bytes).ShouldNotBeNull();
        await using var torrent = await engine.AddAsync(link, swarm.NewFolder(), Limit());
        using var reader = torrent.Read((await torrent.OpenAsync(Limit())).MainFile);

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[700_001];
        for (long offset = 0; offset < reader.Length;)
        {
            var count = await reader.ReadAsync(offset, buffer, Limit());
            hash.AppendData(buffer, 0, count);
            offset += count;
        }

        hash.GetHashAndReset().ShouldBe(SHA256.HashData(swarm.Content));
        await torrent.KeepAsync(torrent.Contents!.MainFile, 0, Limit());
        (await Eventually.Holds(() => torrent.Status.BytesHere == swarm.Content.Length)).ShouldBeTrue();
        var kept = await File.ReadAllBytesAsync(Directory.GetFiles(torrent.Folder, "f*").ShouldHaveSingleItem());
        kept.AsSpan().SequenceEqual(swarm.Content).ShouldBeTrue();
    }

    [Fact]
    public async Task What_is_kept_from_a_place_on_costs_nothing_of_what_is_before_it()
    {
        await using var engine = Swarm.Engine();
        await using var torrent = await engine.AddAsync(swarm.Link, swarm.NewFolder(), Limit());
        var file = (await torrent.OpenAsync(Limit())).MainFile;
        var from = file.Length - (5 * Swarm.PieceBytes);

        await torrent.KeepAsync(file, from, Limit());

        (await Eventually.Holds(() => torrent.Status.BytesHere >= file.Length - from)).ShouldBeTrue();
        torrent.Status.BytesHere.ShouldBe(file.Length - from);
    }

    [Fact]
    public async Task A_tracker_of_udp_is_asked_too()
    {
        await using var engine = Swarm.Engine();
        MagnetLink.TryParse(swarm.Torrent.Magnet($"udp://127.0.0.1:{swarm.TrackerPort}/announce"), out var link).ShouldBeTrue();
        await using var torrent = await engine.AddAsync(link, swarm.NewFolder(), Limit());

        (await torrent.OpenAsync(Limit())).Length.ShouldBe(swarm.Content.Length);
    }

    [Fact]
    public async Task Without_a_peer_reads_wait_and_go_on_when_it_is_back()
    {
        await using var engine = Swarm.Engine();
        await using var torrent = await engine.AddAsync(swarm.Link, swarm.NewFolder(), Limit());
        using var reader = torrent.Read((await torrent.OpenAsync(Limit())).MainFile);
        await ShouldReadAsync(reader, 0, 1000);

        await swarm.UnseedAsync();
        var waiting = ShouldReadAsync(reader, 20 << 20, 1000);
        (await Eventually.Holds(() => torrent.Status is { Peers: 0, State: TorrentState.Ready })).ShouldBeTrue();
        await ShouldReadAsync(reader, 0, 1000);
        waiting.IsCompleted.ShouldBeFalse();

        await swarm.SeedAsync();
        await waiting;
    }

    [Fact]
    public async Task An_engine_that_dies_is_started_anew_and_what_was_here_is_still_here()
    {
        await using var engine = Swarm.Engine();
        var folder = swarm.NewFolder();
        await using var torrent = await engine.AddAsync(swarm.Link, folder, Limit());
        using var reader = torrent.Read((await torrent.OpenAsync(Limit())).MainFile);
        await ShouldReadAsync(reader, 0, 3 << 20);
        (await Eventually.Holds(() => Task.FromResult(PiecesKept(folder) >= 12), Patience)).ShouldBeTrue();
        await swarm.UnseedAsync();
        var before = engine.ProcessId.ShouldNotBeNull();

        Shell.Crash(before);
        await ShouldReadAsync(reader, 0, 1 << 20);
        engine.ProcessId.ShouldNotBe(before);

        // As if a piece had been on its way to the disk: it is fetched again, and not given as it lies there.
        await using (var file = File.OpenWrite(Path.Combine(folder, "f0")))
        {
            file.Position = 2 << 20;
            file.Write(new byte[1000]);
        }

        await swarm.SeedAsync();
        await ShouldReadAsync(reader, 0, 3 << 20);
        await ShouldReadAsync(reader, 30 << 20, 1000);
        torrent.Status.DownloadedBytes.ShouldBeLessThan(4 << 20);
    }

    [Fact]
    public async Task What_nobody_waits_for_any_more_is_not_downloaded()
    {
        await using var engine = Swarm.Engine();
        var link = TorrentUpload.TryParse(swarm.Torrent.Bytes).ShouldNotBeNull();
        await swarm.UnseedAsync();
        await using var torrent = await engine.AddAsync(link, swarm.NewFolder(), Limit());
        using var reader = torrent.Read((await torrent.OpenAsync(Limit())).MainFile);
        using var given = new CancellationTokenSource();
        var abandoned = Enumerable.Range(1, 20).Select(n => reader.ReadAsync(n * 1_500_000, new byte[1000], given.Token).AsTask()).ToArray();

        await given.CancelAsync();
        await swarm.SeedAsync();
        await ShouldReadAsync(reader, 38_000_000, 1000);

        foreach (var read in abandoned)
        {
            await read.ShouldThrowAsync<OperationCanceledException>();
        }

        (await Eventually.Holds(() => torrent.Status.BytesHere > 0)).ShouldBeTrue();
        torrent.Status.DownloadedBytes.ShouldBeLessThan(2_000_000);
    }

    [Fact]
    public async Task Nothing_is_left_of_a_torrent_or_of_the_engine()
    {
        var engine = Swarm.Engine();
        var (first, second) = (swarm.NewFolder(), swarm.NewFolder());
        var torrent = await engine.AddAsync(swarm.Link, first, Limit());
        await Should.ThrowAsync<TorrentException>(() => engine.AddAsync(swarm.Link, second, Limit()));
        Directory.Exists(second).ShouldBeFalse();
        var reader = torrent.Read((await torrent.OpenAsync(Limit())).MainFile);
        await ShouldReadAsync(reader, 0, 1 << 20);
        var waiting = reader.ReadAsync(10 << 20, new byte[1], Limit()).AsTask();
        var process = engine.ProcessId.ShouldNotBeNull();

        await torrent.DisposeAsync();

        await Task.WhenAny(waiting).WaitAsync(TimeSpan.FromSeconds(Patience), Limit()); // It had come, or it is refused; it does not wait for ever.
        Directory.Exists(first).ShouldBeFalse();
        await Should.ThrowAsync<TorrentException>(async () => await reader.ReadAsync(0, new byte[1], Limit()));
        Shell.IsAlive(process).ShouldBeTrue();

        await using (await engine.AddAsync(swarm.Link, second, Limit()))
        {
            engine.ProcessId.ShouldBe(process);
            await engine.DisposeAsync();
        }

        Shell.IsAlive(process).ShouldBeFalse();
        Directory.Exists(second).ShouldBeFalse();
    }

    private async Task ShouldReadAsync(IObjectReader reader, int offset, int count)
    {
        var bytes = new byte[count];
        (await reader.ReadAllAsync(offset, bytes, Limit())).ShouldBeTrue();
        bytes.AsSpan().SequenceEqual(swarm.Content.AsSpan(offset, count)).ShouldBeTrue($"at {offset}");
    }

    /// <summary>Pieces that the engine after this one will know of.</summary>
    private static int PiecesKept(string folder) =>
        Path.Combine(folder, "have") is var file && File.Exists(file) ? File.ReadAllBytes(file).Count(piece => piece == 1) : 0;

    /// <summary>Long enough for any machine.</summary>
    private static CancellationToken Limit() => CancellationTokenSource.CreateLinkedTokenSource(
        TestContext.Current.CancellationToken, new CancellationTokenSource(TimeSpan.FromSeconds(Patience)).Token).Token;
}
