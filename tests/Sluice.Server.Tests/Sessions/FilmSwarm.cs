using Sluice.Media.Binary;
using Sluice.Media.Tests.Building;
using Sluice.Server.Tests.Torrents;

namespace Sluice.Server.Tests.Sessions;

/// <summary>A torrent of two films and something to read, shared on loopback.</summary>
public sealed class FilmSwarm : Swarm
{
    /// <summary>Length of the larger film, which is meant when nobody chooses.</summary>
    internal static readonly TimeSpan Long = TimeSpan.FromMinutes(6);

    /// <summary>Length of the other.</summary>
    internal static readonly TimeSpan Short = TimeSpan.FromMinutes(1);

    /// <summary>Names of the files, in the torrent's order.</summary>
    internal static readonly string[] Names = ["part two.mp4", "read me.txt", "part one.mp4"];

    /// <summary>Bytes of the larger film.</summary>
    internal static long LongBytes { get; } = LongTitle.Of(Long).Length;

    private protected override async Task<TestTorrent> MakeAsync(string folder)
    {
        var home = Directory.CreateDirectory(Path.Combine(folder, "A series")).FullName;
        byte[][] contents = [BytesOf(LongTitle.Of(Short)), "Enjoy."u8.ToArray(), BytesOf(LongTitle.Of(Long))];
        foreach (var (name, content) in Names.Zip(contents))
        {
            await File.WriteAllBytesAsync(Path.Combine(home, name), content);
        }

        var torrent = TestTorrent.Files("A series", PieceBytes, [.. Names.Zip(contents, (name, content) => (new[] { name }, content))]);
        return TestTorrent.Of(torrent.Info, Tracker);
    }

    private static byte[] BytesOf(IByteSource film)
    {
        var bytes = new byte[film.Length];
        for (var at = 0; at < bytes.Length;)
        {
            at += film.Read(at, bytes.AsSpan(at));
        }

        return bytes;
    }
}
