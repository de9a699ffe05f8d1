using Sluice.Server.Catalog;

namespace Sluice.Server.Store;

/// <summary>Where pieces of unfinished uploads are, for all servers. A piece is there as a whole or not at all, and never changes.</summary>
internal interface IPieceStore
{
    /// <summary>Puts a piece there.</summary>
    /// <param name="upload">Of this upload.</param>
    /// <param name="piece">Which; its bytes lie in the file where they lie in the upload.</param>
    /// <param name="path">The file.</param>
    /// <param name="ct">Gives up; then it may be there or not.</param>
    /// <exception cref="SourceUnavailableException">It is not there, or it is not known whether it is.</exception>
    Task PutAsync(AssetId upload, UploadPiece piece, string path, CancellationToken ct);

    /// <summary>Brings a piece into a file, at its place. What lies there is kept when it is the same by its hash.</summary>
    /// <param name="upload">Of this upload.</param>
    /// <param name="piece">Which.</param>
    /// <param name="path">The file, which is there.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="SourceUnavailableException">It cannot be had now, or is not what was put there.</exception>
    Task BringAsync(AssetId upload, UploadPiece piece, string path, CancellationToken ct);

    /// <summary>Removes a piece; nothing happens when it is not there.</summary>
    Task RemoveAsync(AssetId upload, UploadPiece piece, CancellationToken ct);

    /// <summary>Removes all that there is of an upload, also what no row speaks of.</summary>
    Task RemoveAsync(AssetId upload, CancellationToken ct);

    /// <summary>Uploads of which there is anything.</summary>
    Task<IReadOnlyList<AssetId>> ListAsync(CancellationToken ct);
}
