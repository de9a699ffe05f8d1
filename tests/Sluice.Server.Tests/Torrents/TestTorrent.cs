using System.Security.Cryptography;
using Sluice.Server.Torrents;

namespace Sluice.Server.Tests.Torrents;

/// <summary>A torrent that a test made.</summary>
/// <param name="Info">Its info dictionary.</param>
/// <param name="Bytes">The .torrent file.</param>
internal sealed record TestTorrent(byte[] Info, byte[] Bytes)
{
    public string Hash { get; } = InfoHash.Of(Info).V1!;

    /// <summary>What version 2 knows it by.</summary>
    public string HashV2 { get; } = InfoHash.Of(Info).V2!;

    /// <summary>What trackers know it by: hashes of version 2 are cut to the length of the others (BEP 52).</summary>
    public string[] TrackerHashes => [Hash, HashV2[..Hash.Length]];

    /// <summary>A link to it.</summary>
    public string Magnet(params string[] trackers) =>
        $"magnet:?xt=urn:btih:{Hash}&dn=A+film{string.Concat(trackers.Select(t => "&tr=" + Uri.EscapeDataString(t)))}";

    /// <summary>One of version 1 with a single file.</summary>
    public static TestTorrent OneFile(string name, byte[] content, int pieceBytes, params string[] trackers) => Of(
        Bencode.Dictionary(
            ("length", Bencode.Number(content.Length)), ("name", Bencode.Text(name)), ("piece length", Bencode.Number(pieceBytes)),
            ("pieces", Bencode.Text(Hashes(content, pieceBytes)))),
        trackers);

    /// <summary>One of version 1 with several files.</summary>
    public static TestTorrent Files(string name, int pieceBytes, params (string[] Path, byte[] Content)[] files)
    {
        byte[] all = [.. files.SelectMany(f => f.Content)];
        var list = files.Select(f => Bencode.Dictionary(
            ("length", Bencode.Number(f.Content.Length)), ("path", Bencode.List([.. f.Path.Select(Bencode.Text)]))));
        return Of(Bencode.Dictionary(
            ("files", Bencode.List([.. list])), ("name", Bencode.Text(name)), ("piece length", Bencode.Number(pieceBytes)),
            ("pieces", Bencode.Text(Hashes(all, pieceBytes)))));
    }

    /// <summary>One of any info dictionary.</summary>
    public static TestTorrent Of(byte[] info, params string[] trackers) => new(
        info,
        trackers.Length == 0
            ? Bencode.Dictionary(("info", info))
            : Bencode.Dictionary(
                ("announce", Bencode.Text(trackers[0])), ("announce-list", Bencode.List([.. trackers.Select(t => Bencode.List(Bencode.Text(t)))])),
                ("info", info)));

#pragma warning disable CA5350 // What BEP 3 says.
    private static byte[] Hashes(byte[] content, int pieceBytes) => [.. content.Chunk(pieceBytes).SelectMany(SHA1.HashData)];
#pragma warning restore CA5350
}
