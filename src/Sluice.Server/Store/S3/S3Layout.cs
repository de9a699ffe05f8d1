using System.Globalization;
using Sluice.Server.Catalog;

namespace Sluice.Server.Store.S3;

/// <summary>
/// Names of objects in the bucket, all behind the configured prefix.
/// <code>
///   media/{asset}/{name}           the objects of an asset
///   media/{asset}/chunks/{name}    its encoded chunks, of which there may be very many: they are not listed to open a title
///   media/{asset}/.committed       empty: the asset is visible. Written last, removed first
///   pending/{asset}.{node}         empty: the asset is not confirmed, or was never whole, or is going, and this node is at it. Written first, removed last
///   uploads/{upload}/{piece}       bytes of an upload that has not ended; its row says which of them are of it
/// </code>
/// So what an interrupted process left is found by one short list, and an asset appears and disappears by one request.
/// </summary>
/// <param name="prefix">Stands before all names.</param>
/// <param name="node">Names this server among those that share the bucket; the same after its restart. Empty where it has the bucket to itself.</param>
internal sealed class S3Layout(string prefix, string node = "")
{
    /// <summary>Name of the marker of visible assets. No object can have it.</summary>
    public const string Committed = ".committed";

    /// <summary>Behind which the ids of assets stand.</summary>
    public string Media { get; } = prefix + "media/";

    /// <summary>Behind which the ids of assets stand that are pending.</summary>
    public string Pending { get; } = prefix + "pending/";

    /// <summary>Behind which the ids of uploads stand.</summary>
    public string Uploads { get; } = prefix + "uploads/";

    /// <summary>What all names of an upload's pieces begin with.</summary>
    public string PiecesOf(AssetId upload) => $"{Uploads}{LocalObjectStore.Checked(upload.Value)}/";

    /// <summary>The piece's name: in the order of the upload.</summary>
    public string NameOf(AssetId upload, UploadPiece piece) =>
        PiecesOf(upload) + LocalObjectStore.Checked(string.Create(CultureInfo.InvariantCulture, $"{piece.Offset:d16}-{piece.Name}"));

    /// <summary>What all names of an asset's objects begin with.</summary>
    public string FolderOf(AssetId asset) => $"{Media}{LocalObjectStore.Checked(asset.Value)}/";

    /// <summary>What the names of its chunks begin with.</summary>
    public string ChunksOf(AssetId asset) => FolderOf(asset) + "chunks/";

    /// <summary>The object's name.</summary>
    public string NameOf(ObjectKey key) => (key.IsChunk ? ChunksOf(key.Asset) : FolderOf(key.Asset)) + LocalObjectStore.Checked(key.Name);

    /// <summary>The marker of a visible asset.</summary>
    public string CommittedOf(AssetId asset) => FolderOf(asset) + Committed;

    /// <summary>The marker that this server gives a pending asset.</summary>
    public string PendingOf(AssetId asset) => PendingsOf(asset) + (node.Length == 0 ? "" : $".{node}");

    /// <summary>Whether other servers use the bucket.</summary>
    public bool IsShared => node.Length > 0;

    /// <summary>What the markers of all servers of a pending asset begin with.</summary>
    public string PendingsOf(AssetId asset) => Pending + LocalObjectStore.Checked(asset.Value);

    /// <summary>Whose a marker is, and whether this server gave it; null when it is none.</summary>
    public (AssetId Asset, bool IsOwn)? PendingAt(string name)
    {
        var parts = name[Pending.Length..].Split('.', 2);
        return AssetId.TryParse(parts[0], null, out var id) ? (id, (parts.Length > 1 ? parts[1] : "") == node) : null;
    }
}
