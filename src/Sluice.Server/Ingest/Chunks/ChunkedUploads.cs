using System.Collections.Concurrent;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Store;

namespace Sluice.Server.Ingest.Chunks;

/// <summary>
/// Uploads in numbered chunks, which come in any order, several at a time, and again when the client is not sure.
/// <code>
///   begin ──► chunk, chunk, … each a file of its own, there as a whole or not at all ──► end: joined and finished (<see cref="UploadFinishing"/>)
/// </code>
/// Which chunks are there is read from the disk, so a restart forgets nothing. Of several nodes one has them (<see cref="ChunkTurns"/>).
/// </summary>
internal sealed class ChunkedUploads(
    ICatalog catalog, UploadShelf shelf, UploadLocks locks, ChunkTurns turns, UploadQuota quota, UploadFinishing finishing, IObjectStore store, SluiceOptions options,
    TimeProvider clock)
{
    /// <summary>Most chunks of one upload: 128 GiB in chunks of 2 MiB.</summary>
    public const int MostChunks = 65_536;

    /// <summary>Names of the field that a chunk is in.</summary>
    private static readonly string[] Fields = ["chunk_data", "chunk"];

    private readonly ConcurrentDictionary<AssetId, Lazy<ChunkBoard>> _boards = new();

    private TimeSpan Life => TimeSpan.FromMinutes(options.Ingest.UnfinishedMinutes);

    /// <summary>Begins an upload, or finds the unfinished one of the same content and as many chunks.</summary>
    /// <param name="metadata">What is kept of it; <c>sha256</c> in it says what content it is.</param>
    /// <param name="chunkCount">How many chunks it will have.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="IntakeRefusedException">Too many uploads are unfinished.</exception>
    public async Task<Upload> BeginAsync(string metadata, int chunkCount, CancellationToken ct)
    {
        var upload = await quota.AdmittingAsync(() => FindOrAddAsync(metadata, chunkCount, ct), ct);
        await FlushAsync();
        return upload;
    }

    /// <summary>The upload; null when there is none.</summary>
    public async ValueTask<Upload?> FindAsync(AssetId id, CancellationToken ct) =>
        await catalog.FindUploadAsync(id, ct) is { ChunkCount: > 0 } upload ? upload : null;

    /// <summary>All of them, newest first, whatever became of them.</summary>
    public Task<IReadOnlyList<Upload>> ListAsync(int limit, CancellationToken ct) => catalog.ChunkedUploadsAsync(limit, ct);

    /// <summary>Which chunks of an upload that takes some are there.</summary>
    public ChunkBoard BoardOf(Upload upload) =>
        _boards.GetOrAdd(upload.Id, id => new Lazy<ChunkBoard>(() => new ChunkBoard(upload.ChunkCount, shelf.Chunks(id)))).Value;

    /// <summary>Receives a chunk from the form in a request. What it may have is looked at as it comes, and once more when it takes its place,
    /// since others came meanwhile.</summary>
    /// <param name="upload">Of this upload, which takes chunks.</param>
    /// <param name="number">Which, from 0.</param>
    /// <param name="request">The request.</param>
    /// <returns>False when the upload takes no more chunks.</returns>
    /// <exception cref="IntakeRefusedException">No form with a chunk, too large, or no room.</exception>
    public async Task<bool> ReceiveAsync(Upload upload, int number, HttpRequest request)
    {
        var ct = request.HttpContext.RequestAborted;
        if (await quota.BytesBesidesAsync(upload.Id, ct) is not { } others)
        {
            return false;
        }

        var board = BoardOf(upload);
        var arriving = shelf.ArrivingChunk(upload.Id);
        try
        {
            var form = MultipartUpload.Open(
                request, size => quota.RequireGrowth(board.Bytes, board.BytesBesides(number) + size, others), () => store.FreeBytes, Fields);
            if (!await form.ReceiveAsync(arriving, ct))
            {
                throw new IntakeRefusedException(ErrorCode.RequestInvalid, "The form has no file in the field `chunk_data` (or `chunk`).");
            }

            if (options.Ingest.Durable)
            {
                using var file = File.OpenHandle(arriving, access: FileAccess.ReadWrite);
                RandomAccess.FlushToDisk(file);
            }

            // It is all here: whoever hangs up now finds it in its place.
            if (!await quota.AdmittingAsync(() => PlaceAsync(upload.Id, board, number, arriving, form.SizeBytes), CancellationToken.None))
            {
                return false;
            }

            await FlushAsync(); // And with it what the file system's journal has: the chunk's name.
        }
        finally
        {
            File.Delete(arriving);
        }

        return true;
    }

    /// <summary>Joins an upload whose chunks are all there, and makes a title of it.</summary>
    /// <returns>Null when chunks are missing, or somebody else is at it.</returns>
    public async Task<IntakeResult?> EndAsync(Upload upload)
    {
        await using var taken = await locks.TryTakeAsync(upload.Id);
        if (taken is null)
        {
            return null;
        }

        // Read anew: somebody else may have ended it since the caller looked.
        if (await catalog.FindUploadAsync(upload.Id, CancellationToken.None) is not { IsOpen: true } open)
        {
            return null;
        }

        upload = open;
        if (!upload.IsComplete)
        {
            var board = BoardOf(upload);
            if (!board.TrySeal())
            {
                return null;
            }

            // From here on it is whole, whatever happens to this process.
            upload = await catalog.UpdateUploadAsync(
                upload.Id, u => u with { LengthBytes = board.Bytes, OffsetBytes = board.Bytes }, CancellationToken.None) ?? upload;
        }

        var result = await finishing.FinishAsync(upload, null, taken);
        await ForgetAsync(upload.Id);
        return result;
    }

    /// <summary>Gives an upload up whose time was over at <paramref name="now"/>, unless something came since. No chunk takes its place meanwhile.</summary>
    /// <returns>False when it stays.</returns>
    public Task<bool> ExpireAsync(AssetId id, DateTimeOffset now, string reason) => quota.AdmittingAsync(
        async () =>
        {
            await using var taken = await locks.TryTakeAsync(id);
            if (taken is null || !await finishing.ExpireAsync(id, now, reason))
            {
                return false;
            }

            await ForgetAsync(id);
            return true;
        },
        CancellationToken.None);

    private Task FlushAsync() => options.Ingest.Durable ? catalog.FlushAsync(CancellationToken.None) : Task.CompletedTask;

    private async Task ForgetAsync(AssetId id)
    {
        _boards.TryRemove(id, out _);
        await turns.LetGoAsync(id);
    }

    private async Task<Upload> FindOrAddAsync(string metadata, int chunkCount, CancellationToken ct)
    {
        if (ContentOf(metadata) is { } content
            && (await catalog.OpenUploadsAsync(ct)).FirstOrDefault(u => u.ChunkCount == chunkCount && ContentOf(u.Metadata) == content) is { } begun)
        {
            return begun;
        }

        await quota.RequireAsync(0, ct);
        var now = clock.GetUtcNow();
        var upload = new Upload
        {
            Id = AssetId.New(),
            LengthBytes = Upload.UnknownLength,
            ChunkCount = chunkCount,
            Metadata = metadata,
            CreatedAt = now,
            UpdatedAt = now,
            ExpiresAt = now + Life,
        };
        await catalog.AddUploadAsync(upload, ct);
        return await catalog.FindUploadAsync(upload.Id, ct) ?? upload;
    }

    /// <summary>Puts a chunk in its place, and tells the catalog; the caller admits.</summary>
    /// <returns>False when the upload takes no more chunks.</returns>
    /// <exception cref="IntakeRefusedException">With it there are more bytes than there may be.</exception>
    private async Task<bool> PlaceAsync(AssetId id, ChunkBoard board, int number, string arriving, long sizeBytes)
    {
        if (await quota.BytesBesidesAsync(id, CancellationToken.None) is not { } others)
        {
            return false;
        }

        quota.RequireGrowth(board.Bytes, board.BytesBesides(number) + sizeBytes, others);
        if (!board.TryPlace(number, sizeBytes, () => File.Move(arriving, shelf.ChunkPath(id, number), overwrite: true)))
        {
            return false;
        }

        var now = clock.GetUtcNow();
        await catalog.UpdateUploadAsync(
            id, u => u with { OffsetBytes = board.Bytes, UpdatedAt = now, ExpiresAt = now + Life }, CancellationToken.None);
        return true;
    }

    /// <summary>SHA-256 that the client announced, or null.</summary>
    private static string? ContentOf(string metadata) => UploadMetadata.TryRead(metadata)?["sha256"];
}
