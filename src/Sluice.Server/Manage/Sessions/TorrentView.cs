using Sluice.Server.Catalog;
using Sluice.Server.Sessions;

namespace Sluice.Server.Manage.Sessions;

/// <summary>How a session gets what it plays from a swarm.</summary>
/// <param name="Name">Text; null until peers told what is in the torrent, unless the link had one.</param>
/// <param name="State"><c>metadata</c>, <c>waiting</c> (nobody has what is needed), <c>downloading</c> or <c>complete</c>.</param>
/// <param name="Peers">Peers that are connected.</param>
/// <param name="Seeds">Those of them that have all of it.</param>
/// <param name="DownBytesPerSecond">Rate at which it comes.</param>
/// <param name="UpBytesPerSecond">Rate at which others are given of it.</param>
/// <param name="Progress">Part of the chosen file that is here, 0 to 1.</param>
/// <param name="Files">What is in it, in the torrent's order; empty until that is known.</param>
internal sealed record TorrentView(
    string? Name,
    string State,
    int Peers,
    int Seeds,
    long DownBytesPerSecond,
    long UpBytesPerSecond,
    double Progress,
    IReadOnlyList<TorrentFileView> Files)
{
    /// <summary>The view of <paramref name="torrent"/>.</summary>
    public static TorrentView Of(SessionTorrent torrent)
    {
        var status = torrent.Torrent.Status;
        return new TorrentView(
            torrent.Torrent.Contents?.Name ?? torrent.Torrent.Link.Name,
            torrent.State switch
            {
                SessionTorrentState.Metadata => "metadata",
                SessionTorrentState.Waiting => "waiting",
                SessionTorrentState.Complete => "complete",
                _ => "downloading",
            },
            status.Peers,
            status.Seeds,
            status.DownBytesPerSecond,
            status.UpBytesPerSecond,
            torrent.Progress,
            [.. torrent.Torrent.Contents?.Files.Select(f => new TorrentFileView(f.Index, f.Path, f.Length, f.IsVideo, f == torrent.Chosen)) ?? []]);
    }
}

/// <summary>A file of a torrent.</summary>
/// <param name="Index">Its number.</param>
/// <param name="Name">With its folders in the torrent; text, never a path.</param>
/// <param name="SizeBytes">Size.</param>
/// <param name="IsVideo">It has the name of a video.</param>
/// <param name="Chosen">It is the one that is played.</param>
internal sealed record TorrentFileView(int Index, string Name, long SizeBytes, bool IsVideo, bool Chosen);

/// <summary>What is kept of a session in the library.</summary>
/// <param name="ImportId">The import that brings it.</param>
/// <param name="MediaId">The title that it became; null until then.</param>
/// <param name="State">The import's: <c>queued</c>, <c>running</c>, <c>done</c>, <c>failed</c> or <c>cancelled</c>.</param>
/// <param name="Reason">Why it failed or what it waits for, or null.</param>
internal sealed record KeptView(string ImportId, string? MediaId, string State, string? Reason)
{
    /// <summary>The view of <paramref name="import"/>.</summary>
    public static KeptView Of(Import import) =>
        new(import.Id.Value, import.State == JobState.Done ? import.Id.Value : null, import.State.Name(), import.Reason);
}

/// <summary>Which file of a torrent is to be played.</summary>
/// <param name="Index">Its number in the session's list.</param>
internal sealed record FileRequest(int Index);
