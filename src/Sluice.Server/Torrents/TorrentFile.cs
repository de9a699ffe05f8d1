namespace Sluice.Server.Torrents;

/// <summary>A file of a torrent.</summary>
/// <param name="Index">Its place in the list, from 0; files that only fill up are not in it.</param>
/// <param name="Path">Folders and name as the torrent has them, joined by slashes: text for people and never a path.</param>
/// <param name="Position">Where its first byte is in the bytes of all pieces.</param>
/// <param name="Length">Size in bytes.</param>
internal sealed record TorrentFile(int Index, string Path, long Position, long Length)
{
    /// <summary>It has the name of a video.</summary>
    public bool IsVideo => TorrentNames.IsVideo(Path);
}
