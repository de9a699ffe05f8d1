using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest.Chunks;
using Sluice.Server.Ingest.Tus;
using Sluice.Server.Store;

namespace Sluice.Server.Ingest;

/// <summary>
/// At the start, finishes uploads whose bytes had all come when the process before was killed; from then on, those that could not be finished
/// when their last byte came (a full disk). Removes those to which nothing came for <c>ingest.unfinishedMinutes</c>: the bytes at once, the row,
/// which tells why, after the same time once more. One that is whole is never removed.
/// </summary>
internal sealed partial class UploadSweeper(
    ICatalog catalog, UploadDesk desk, ChunkedUploads chunks, ChunkTurns turns, UploadLeaving leaving, UploadShelf shelf, SluiceOptions options, TimeProvider clock, ILogger<UploadSweeper> logger) : BackgroundService
{
    private const int Batch = 100;

    private readonly TimeSpan _pause = TimeSpan.FromSeconds(Math.Max(1, options.Retention.SweepSeconds));

    /// <summary>Finishes what is whole and has not become anything.</summary>
    /// <param name="forAtLeast">For so long nothing came: who brought the last byte is answered the title, and is to be the one who makes it.</param>
    /// <param name="ct">Ends it.</param>
    private async Task FinishWholeAsync(TimeSpan forAtLeast, CancellationToken ct)
    {
        var until = clock.GetUtcNow() - forAtLeast;
        var held = turns.Held;
        var open = await catalog.OpenUploadsAsync(ct);
        foreach (var ended in held.Except(open.Select(upload => upload.Id)))
        {
            await turns.LetGoAsync(ended); // By another node, be it that its time was over.
        }

        foreach (var upload in open)
        {
            // Chunks stay with their server: where there are none, another one has them.
            if (upload is { IsComplete: true, IsPartial: false } && upload.UpdatedAt <= until
                && (upload.ChunkCount == 0 || (turns.Has(upload.Id) && shelf.Has(upload.Id))))
            {
                await TryAsync(upload.Id, () => upload.ChunkCount > 0 ? chunks.EndAsync(upload) : desk.FinishIfWholeAsync(upload.Id));
            }
        }
    }

    private async Task RemoveExpiredAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var reason = $"It expired: nothing came for {options.Ingest.UnfinishedMinutes} minutes.";
        foreach (var upload in await catalog.ExpiredUploadsAsync(now, Batch, ct))
        {
            await TryAsync(upload.Id, () => upload switch
            {
                { IsOpen: false } => catalog.RemoveUploadAsync(upload.Id, ct),
                { ChunkCount: > 0 } => chunks.ExpireAsync(upload.Id, now, reason),
                _ => desk.ExpireAsync(upload.Id, now, reason),
            });
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await TryAsync(null, () => FinishWholeAsync(TimeSpan.Zero, stoppingToken));
        try
        {
            while (true)
            {
                await Task.Delay(_pause, clock, stoppingToken);
                await TryAsync(null, () => FinishWholeAsync(_pause, stoppingToken));
                await TryAsync(null, () => RemoveExpiredAsync(stoppingToken));
                await TryAsync(null, () => leaving.RunAsync(stoppingToken));
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }
    }

    /// <summary>What fails for one upload fails for it alone, and is tried again at the next start or sweep.</summary>
    private async Task TryAsync(AssetId? upload, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.Failed(logger, e, upload?.Value ?? "all");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "Looking after unfinished uploads failed ({Upload}); tried again later")]
        public static partial void Failed(ILogger logger, Exception e, string upload);
    }
}
