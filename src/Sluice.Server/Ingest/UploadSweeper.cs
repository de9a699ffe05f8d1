using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest.Chunks;
using Sluice.Server.Ingest.Tus;

namespace Sluice.Server.Ingest;

/// <summary>
/// At the start, finishes uploads whose bytes had all come when the process before was killed. From then on removes those to which nothing
/// came for <c>ingest.unfinishedMinutes</c>: the bytes at once, the row, which tells why, after the same time once more.
/// </summary>
internal sealed partial class UploadSweeper(
    ICatalog catalog, UploadDesk desk, ChunkedUploads chunks, SluiceOptions options, TimeProvider clock, ILogger<UploadSweeper> logger) : BackgroundService
{
    private const int Batch = 100;

    /// <summary>Finishes what is whole and has not become anything.</summary>
    public async Task FinishWholeAsync(CancellationToken ct)
    {
        foreach (var upload in await catalog.OpenUploadsAsync(ct))
        {
            if (upload is { IsComplete: true, IsPartial: false })
            {
                await TryAsync(upload.Id, () => upload.ChunkCount > 0 ? chunks.EndAsync(upload) : desk.FinishIfWholeAsync(upload.Id));
            }
        }
    }

    /// <summary>One sweep.</summary>
    public async Task SweepAsync(CancellationToken ct)
    {
        foreach (var upload in await catalog.ExpiredUploadsAsync(clock.GetUtcNow(), Batch, ct))
        {
            await TryAsync(upload.Id, () => upload.IsOpen
                ? desk.RemoveAsync(upload.Id, $"It expired: nothing came for {options.Ingest.UnfinishedMinutes} minutes.")
                : catalog.RemoveUploadAsync(upload.Id, ct));
            chunks.Forget(upload.Id);
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await TryAsync(null, () => FinishWholeAsync(stoppingToken));
        var pause = TimeSpan.FromSeconds(Math.Max(1, options.Retention.SweepSeconds));
        try
        {
            while (true)
            {
                await Task.Delay(pause, clock, stoppingToken);
                await TryAsync(null, () => SweepAsync(stoppingToken));
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
