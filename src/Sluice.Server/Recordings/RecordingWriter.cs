using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest.Imports;
using Sluice.Server.Live.Channels;
using Sluice.Server.Store;

namespace Sluice.Server.Recordings;

/// <summary>
/// Writes a channel into a file.
/// <code>
///   log ──▶ cursor ──▶ imports/{id}        now and then the catalog learns how much is safe
/// </code>
/// The channel waits for no recording: one that falls off the end of the log has a gap, which is counted.
/// </summary>
internal sealed class RecordingWriter(ImportShelf shelf, IObjectStore store, ImportLedger ledger, SluiceOptions options, TimeProvider clock)
{
    /// <summary>Bytes that a crash may cost, at most.</summary>
    private const long BytesBetweenWrites = 16L << 20;

    private static readonly TimeSpan TimeBetweenWrites = TimeSpan.FromSeconds(2);

    /// <summary>Writes until the channel or the token ends it, or there is no room.</summary>
    /// <returns>Why it ended although nobody asked for that, in words for a person; null when somebody did.</returns>
    public async Task<string?> RunAsync(RecordingState recording, ChannelVisit visit, RecordingStart start, CancellationToken ct)
    {
        using var file = shelf.OpenAt(recording.Id, 0);
        try
        {
            return await CopyAsync(file, recording, visit, start, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return null;
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            return "The disk was full: this is what came until then.";
        }
        finally
        {
            RandomAccess.FlushToDisk(file);
        }
    }

    private async Task<string?> CopyAsync(SafeFileHandle file, RecordingState recording, ChannelVisit visit, RecordingStart start, CancellationToken ct)
    {
        using var cursor = visit.Feed.Ts.Join(start.Point, ct);
        var (safe, saved) = (0L, clock.GetTimestamp());
        while (!cursor.IsOver)
        {
            if (!cursor.TryRead(out var bytes))
            {
                await cursor.WaitAsync();
                continue;
            }

            if (bytes.Length > options.Ingest.MaxUploadBytes - recording.Bytes)
            {
                return string.Create(
                    CultureInfo.InvariantCulture, $"It has as many bytes as this server takes: {options.Ingest.MaxUploadBytes} (ingest.maxUploadBytes).");
            }

            RandomAccess.Write(file, bytes.Span, recording.Bytes);
            visit.Sent(bytes.Length);
            if (cursor.Skips > recording.Gaps)
            {
                visit.Skipped();
            }

            recording.Tell(recording.Bytes + bytes.Length, cursor.Skips, cursor.SkippedBytes);
            if (recording.Bytes - safe >= BytesBetweenWrites || clock.GetElapsedTime(saved) >= TimeBetweenWrites)
            {
                await SaveAsync(file, recording, ct);
                (safe, saved) = (recording.Bytes, clock.GetTimestamp());
                DiskFull.Require(store, 1);
            }
        }

        return visit.Feed.Ending switch
        {
            FeedEnding.Ended => "The channel came to its end.",
            FeedEnding.Failed => "The channel failed, its status says why: this is what came until then.",
            _ => "The channel was changed, switched off or removed.",
        };
    }

    private async Task SaveAsync(SafeFileHandle file, RecordingState recording, CancellationToken ct)
    {
        if (options.Ingest.Durable)
        {
            RandomAccess.FlushToDisk(file);
        }

        await ledger.UpdateAsync(recording.Id, old => old.IsOpen ? old with { Bytes = recording.Bytes } : old, ct);
    }
}
