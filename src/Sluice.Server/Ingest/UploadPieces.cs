using System.Collections.Concurrent;
using System.Security.Cryptography;
using Sluice.Server.Catalog;
using Sluice.Server.Store;

namespace Sluice.Server.Ingest;

/// <summary>
/// Has an upload go on at any server: what each request brings is kept as a piece where all reach it, before anybody is told its offset, and who finishes
/// fetches the pieces that it has not.
/// <code>
///   bytes ──► this server's shelf ──► piece, in the bucket ──► row: offset and pieces, if they are still what was read ──► told
///                                                                 └ they are not: another server was first, and the piece goes
/// </code>
/// Of a file on the shelf only that is believed which this process wrote or fetched; all else is compared by its hash first. Where one server has its uploads to
/// itself there are no pieces, and nothing here does anything.
/// </summary>
/// <param name="pieces">Where they are; null where uploads stay with their server.</param>
/// <param name="shelf">Files of this server.</param>
/// <param name="store">For room on the disk.</param>
/// <param name="catalog">Knows the parts of what is made of some.</param>
/// <param name="logger">Told what stays behind.</param>
internal sealed partial class UploadPieces(
    IPieceStore? pieces, UploadShelf shelf, IObjectStore store, ICatalog catalog, ILogger<UploadPieces> logger)
{
    /// <summary>Small ones become one when there are so many, so that a row stays short whatever the requests are.</summary>
    private const int MostSmall = 64;

    /// <summary>Below that a piece is small.</summary>
    private const long SmallBytes = 32L << 20;

    private const int NameDigits = 12;

    private readonly ConcurrentDictionary<AssetId, ConcurrentDictionary<UploadPiece, bool>> _here = new();

    /// <summary>Whether an upload may go on at another server.</summary>
    public bool IsShared => pieces is not null;

    /// <summary>Whether all bytes of an upload are on this server's shelf, as far as it has come.</summary>
    public bool AreHere(Upload upload) => pieces is null || (Reaches(upload) && upload.Pieces.All(piece => IsHere(upload, piece)));

    /// <summary>Whether an upload can go on here. One that came to a server without pieces only goes on where its bytes are.</summary>
    public bool Reaches(Upload upload) => pieces is null || upload.SharedBytes == upload.OffsetBytes || shelf.LengthOf(upload.Id) >= upload.OffsetBytes;

    /// <summary>Keeps the bytes up to an offset, which are on the shelf.</summary>
    /// <param name="upload">As its row is.</param>
    /// <param name="offset">Behind the last byte.</param>
    /// <returns>What the row is to list; the last one is new.</returns>
    /// <exception cref="SourceUnavailableException">They are not kept.</exception>
    public async Task<IReadOnlyList<UploadPiece>> KeepAsync(Upload upload, long offset)
    {
        var kept = upload.Pieces.Take(CountKept(upload.Pieces)).ToList();
        foreach (var small in upload.Pieces.Skip(kept.Count))
        {
            await BringAsync(upload, small);
        }

        var from = kept.Count > 0 ? kept[^1].End : 0;
        var piece = new UploadPiece(from, offset - from, RandomNumberGenerator.GetHexString(NameDigits, lowercase: true));
        await pieces!.PutAsync(upload.Id, piece, shelf.PathOf(upload.Id), CancellationToken.None);
        HereOf(upload.Id)[piece] = true;
        return [.. kept, piece];
    }

    /// <summary>Removes pieces that are not listed: they were put together, or another server was first. What stays goes with the upload.</summary>
    public async Task DropAsync(AssetId upload, IEnumerable<UploadPiece> dropped)
    {
        foreach (var piece in dropped)
        {
            HereOf(upload).TryRemove(piece, out _);
            await TryAsync(upload, () => pieces!.RemoveAsync(upload, piece, CancellationToken.None));
        }
    }

    /// <summary>Has all bytes of an upload that has come to its end be on this server's shelf, or those of its parts.</summary>
    /// <exception cref="UploadElsewhereException">Another server alone has some.</exception>
    /// <exception cref="SourceUnavailableException">They cannot be had now.</exception>
    /// <exception cref="IOException">The disk is full.</exception>
    public async Task BringAsync(Upload upload)
    {
        if (pieces is null || upload.ChunkCount > 0)
        {
            return;
        }

        if (upload.Parts.Count == 0)
        {
            await BringWholeAsync(upload);
        }

        foreach (var part in upload.Parts)
        {
            await BringWholeAsync(await catalog.FindUploadAsync(part, CancellationToken.None) ?? throw NoPart(upload.Id, part));
        }
    }

    /// <summary>Removes all pieces of an upload, which has ended; what cannot be removed now goes with a later sweep.</summary>
    public async Task EndAsync(Upload upload)
    {
        foreach (var id in upload.Parts.Append(upload.Id))
        {
            Forget(id);
            if (pieces is not null && upload.ChunkCount == 0)
            {
                await TryAsync(id, () => pieces.RemoveAsync(id, CancellationToken.None));
            }
        }
    }

    /// <summary>Uploads of which there are pieces.</summary>
    public async Task<IReadOnlyList<AssetId>> ListAsync(CancellationToken ct) => pieces is null ? [] : await pieces.ListAsync(ct);

    /// <summary>Removes what there is of an upload that has no row, or has ended.</summary>
    public Task RemoveAsync(AssetId upload, CancellationToken ct) => pieces?.RemoveAsync(upload, ct) ?? Task.CompletedTask;

    /// <summary>What is on the shelf of an upload is believed no more.</summary>
    public void Forget(AssetId upload) => _here.TryRemove(upload, out _);

    private ConcurrentDictionary<UploadPiece, bool> HereOf(AssetId upload) => _here.GetOrAdd(upload, static _ => new());

    private bool IsHere(Upload upload, UploadPiece piece) =>
        _here.TryGetValue(upload.Id, out var here) && here.ContainsKey(piece) && shelf.LengthOf(upload.Id) >= piece.End;

    private UploadElsewhereException NoPart(AssetId upload, AssetId part)
    {
        Log.NoPart(logger, upload, part);
        return new UploadElsewhereException();
    }

    private async Task BringWholeAsync(Upload upload)
    {
        if (!Reaches(upload))
        {
            throw new UploadElsewhereException();
        }

        var missing = upload.Pieces.Where(piece => !IsHere(upload, piece)).ToList(); // Before the file gets its length.
        shelf.OpenAt(upload.Id, upload.OffsetBytes, mayLack: true).Dispose();
        foreach (var piece in missing)
        {
            HereOf(upload.Id).TryRemove(piece, out _);
            await BringAsync(upload, piece);
        }
    }

    private async Task BringAsync(Upload upload, UploadPiece piece)
    {
        if (IsHere(upload, piece))
        {
            return;
        }

        DiskFull.Require(store, piece.Length);
        await pieces!.BringAsync(upload.Id, piece, shelf.PathOf(upload.Id), CancellationToken.None);
        HereOf(upload.Id)[piece] = true;
    }

    /// <summary>Pieces that stay what they are when another one comes.</summary>
    private static int CountKept(IReadOnlyList<UploadPiece> before)
    {
        var kept = before.Count;
        while (kept > 0 && before[kept - 1].Length < SmallBytes)
        {
            kept--;
        }

        return before.Count - kept >= MostSmall ? kept : before.Count;
    }

    private async Task TryAsync(AssetId upload, Func<Task> remove)
    {
        try
        {
            await remove();
        }
        catch (SourceUnavailableException e)
        {
            Log.Left(logger, e, upload);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "The upload {Upload} cannot be finished: its part {Part} is not in the catalog any more. Remove it, and upload the file once more")]
        public static partial void NoPart(ILogger logger, AssetId upload, AssetId part);

        [LoggerMessage(Level = LogLevel.Warning, Message = "Pieces of the upload {Upload} could not be removed from the object storage; a later sweep does it")]
        public static partial void Left(ILogger logger, Exception e, AssetId upload);
    }
}

/// <summary>Bytes of an upload are on another server alone.</summary>
internal sealed class UploadElsewhereException() : Exception("Bytes of the upload are on another server alone.");
