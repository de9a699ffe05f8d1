namespace Sluice.Server.Torrents;

/// <summary>What is in a torrent, by its info dictionary; see <see cref="ContentsReader"/>.</summary>
/// <param name="Name">Fit to be shown as text.</param>
/// <param name="PieceBytes">Size of a piece; the last may be shorter.</param>
/// <param name="Length">Bytes of all pieces.</param>
/// <param name="Files">Files that can be chosen, in the order of the torrent; at least one.</param>
internal sealed record TorrentContents(string Name, int PieceBytes, long Length, IReadOnlyList<TorrentFile> Files)
{
    /// <summary>What is meant when nobody chooses: the largest video, without one the largest file of sound, or else the largest file.</summary>
    public TorrentFile MainFile => Files.MaxBy(file => (file.IsVideo ? 2 : TorrentNames.IsSound(file.Path) ? 1 : 0, file.Length))!;
}

/// <summary>Contents, or why they are refused.</summary>
/// <param name="Contents">Null when there is a problem.</param>
/// <param name="Problem">A sentence for a person.</param>
internal sealed record ContentsAnswer(TorrentContents? Contents, string? Problem);
