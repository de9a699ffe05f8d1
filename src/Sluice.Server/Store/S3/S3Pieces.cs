using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Sluice.Server.Catalog;
using Sluice.Server.Outbound.Remote;

namespace Sluice.Server.Store.S3;

/// <summary>
/// Pieces of unfinished uploads in a bucket (<see cref="S3Layout"/>), each with the SHA-256 of its bytes as metadata, by which it is known again.
/// </summary>
internal sealed class S3Pieces : IPieceStore, IDisposable
{
    /// <summary>Pieces that are removed at the same time.</summary>
    private const int MostAtATime = 8;

    private const int BufferBytes = 256 * 1024;

    private readonly S3Bucket _bucket;
    private readonly S3Layout _layout;
    private readonly S3Upload _upload;
    private readonly TimeProvider _clock;

    /// <param name="bucket">The bucket; owned.</param>
    /// <param name="layout">Names in it.</param>
    /// <param name="partBytes">Size of the parts of large pieces.</param>
    /// <param name="clock">For the pauses.</param>
    public S3Pieces(S3Bucket bucket, S3Layout layout, long partBytes, TimeProvider clock) =>
        (_bucket, _layout, _upload, _clock) = (bucket, layout, new S3Upload(bucket, partBytes), clock);

    /// <inheritdoc />
    public async Task PutAsync(AssetId upload, UploadPiece piece, string path, CancellationToken ct)
    {
        var sum = await SumAsync(path, piece, ct) ?? throw new InvalidDataException($"The file of upload {upload} became shorter.");
        await _upload.SendAsync(_layout.NameOf(upload, piece), path, piece.Offset, piece.Length, sum, ct);
    }

    /// <inheritdoc />
    public async Task BringAsync(AssetId upload, UploadPiece piece, string path, CancellationToken ct)
    {
        if (await _bucket.FindAsync(_layout.NameOf(upload, piece), ct) is not { } there || there.SizeBytes != piece.Length || there.Sum is not { } sum)
        {
            throw new SourceUnavailableException("A piece of an upload is not in the object storage, or not as it was put there.");
        }

        if (await SumAsync(path, piece, ct) == sum)
        {
            return; // It is here.
        }

        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
            if (await FetchAsync(there, file, piece, ct) != sum)
            {
                throw new SourceUnavailableException("A piece of an upload has other bytes than were put into the object storage.");
            }
        }
        catch (RemoteFileException e)
        {
            throw new SourceUnavailableException(e.Message, e) { IsPending = e.IsBusy };
        }
    }

    /// <inheritdoc />
    public Task RemoveAsync(AssetId upload, UploadPiece piece, CancellationToken ct) => _bucket.RemoveAsync(_layout.NameOf(upload, piece), ct);

    /// <inheritdoc />
    public async Task RemoveAsync(AssetId upload, CancellationToken ct)
    {
        var names = new List<string>();
        await foreach (var found in _bucket.ListAsync(_layout.PiecesOf(upload), null, ct))
        {
            names.Add(found.Name);
        }

        await Parallel.ForEachAsync(
            names, new ParallelOptions { MaxDegreeOfParallelism = MostAtATime, CancellationToken = ct }, async (name, token) => await _bucket.RemoveAsync(name, token));
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<AssetId>> ListAsync(CancellationToken ct)
    {
        var found = new List<AssetId>();
        await foreach (var one in _bucket.ListAsync(_layout.Uploads, "/", ct))
        {
            if (one.SizeBytes < 0 && AssetId.TryParse(one.Name[_layout.Uploads.Length..].TrimEnd('/'), null, out var id))
            {
                found.Add(id);
            }
        }

        return found;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _upload.Dispose();
        _bucket.Dispose();
    }

    /// <summary>Fetches an object into a file at the place of a piece; its SHA-256.</summary>
    private async Task<string> FetchAsync(S3Listed there, SafeFileHandle file, UploadPiece piece, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var blocks = (piece.Length + BlockFetcher.BlockBytes - 1) / BlockFetcher.BlockBytes;
        await new S3BlockFetch(_bucket, there, _clock).RunAsync(
            0, blocks,
            (block, bytes) =>
            {
                hash.AppendData(bytes);
                RandomAccess.Write(file, bytes, piece.Offset + (block * BlockFetcher.BlockBytes));
            },
            static _ => true, ct);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>SHA-256 of a file's bytes at the place of a piece; null when it ends before.</summary>
    private static async Task<string?> SumAsync(string path, UploadPiece piece, CancellationToken ct)
    {
        using var file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferBytes];
        for (var at = piece.Offset; at < piece.End;)
        {
            var read = await RandomAccess.ReadAsync(file, buffer.AsMemory(0, (int)Math.Min(buffer.Length, piece.End - at)), at, ct);
            if (read == 0)
            {
                return null;
            }

            hash.AppendData(buffer, 0, read);
            at += read;
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
