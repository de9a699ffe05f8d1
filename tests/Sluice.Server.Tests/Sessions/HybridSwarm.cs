using Shouldly;
using Sluice.Media.Tests.Building;
using Sluice.Server.Processes;
using Sluice.Server.Tests.Torrents;
using Sluice.Server.Torrents;

namespace Sluice.Server.Tests.Sessions;

/// <summary>A film in a torrent of both versions, which has a hash of each; made by libtorrent.</summary>
public sealed class HybridSwarm : Swarm
{
    private const string Script = """
        import os, sys, libtorrent as lt
        folder, name, piece_bytes, tracker = sys.argv[1:]
        files = lt.file_storage()
        lt.add_files(files, os.path.join(folder, name))
        made = lt.create_torrent(files, int(piece_bytes))
        made.add_tracker(tracker)
        lt.set_piece_hashes(made, folder)
        with open(os.path.join(folder, "made"), "wb") as file:
            file.write(lt.bencode(made.generate()))
        """;

    internal static readonly TimeSpan Length = TimeSpan.FromMinutes(1);

    /// <summary>A link that names its hash of version 1 alone.</summary>
    internal string V1 => $"magnet:?xt=urn:btih:{Torrent.Hash}&tr={Uri.EscapeDataString(Tracker)}";

    /// <summary>A link that names its hash of version 2 alone.</summary>
    internal string V2 => $"magnet:?xt=urn:btmh:1220{Torrent.HashV2}&tr={Uri.EscapeDataString(Tracker)}";

    private protected override async Task<TestTorrent> MakeAsync(string folder)
    {
        var film = LongTitle.Of(Length);
        var bytes = new byte[film.Length];
        film.Read(0, bytes).ShouldBe(bytes.Length);
        await File.WriteAllBytesAsync(Path.Combine(folder, "film.mp4"), bytes);
        await using var maker = await ChildProcess.StartAsync(
            new ChildCommand
            {
                Program = await Seeder.RequirePythonAsync(),
                Arguments = ["-I", "-c", Script, folder, "film.mp4", $"{PieceBytes}", Tracker],
                WorkingFolder = folder,
            },
            default);
        (await maker.Completion).IsSuccess.ShouldBeTrue(maker.ErrorTail);
        var made = await File.ReadAllBytesAsync(Path.Combine(folder, "made"));
        var link = TorrentUpload.TryParse(made).ShouldNotBeNull();
        (link.Hash.V1, link.Hash.V2).ShouldNotBe((null, null));
        return new TestTorrent(link.Info!, made);
    }
}
