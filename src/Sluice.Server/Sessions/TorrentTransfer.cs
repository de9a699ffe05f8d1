using System.Buffers;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest.Imports;
using Sluice.Server.Store;
using Sluice.Server.Torrents;

namespace Sluice.Server.Sessions;

/// <summary>
/// Brings a file of a torrent onto the shelf of imports, all of it.
/// <code>
/// 1 open      the torrent, which a session may have open; peers may have to tell what is in it
/// 2 agree     the file, its size, its room in the scratch folder
/// 3 want      what of the file is not on the shelf, in whichever order the swarm has it
/// 4 copy      from front to back, as far as it is here → imports/{id}; now and then the catalog learns how much is safe
/// </code>
/// Meanwhile <see cref="TellAsync"/> says what it waits for. A server that was stopped or killed goes on behind what lies on the shelf.
/// </summary>
internal sealed class TorrentTransfer(
    SessionTorrents torrents, ImportShelf shelf, IObjectStore store, ImportLedger ledger, SluiceOptions options, TimeProvider clock)
{
    private const int BufferBytes = 1 << 20;

    private static readonly TimeSpan TimeBetweenWrites = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan TimeBetweenLooks = TimeSpan.FromSeconds(1);

    /// <summary>Goes on with a download.</summary>
    /// <returns>It, with every byte on the disk.</returns>
    /// <exception cref="ImportFailedException">It cannot be had.</exception>
    /// <exception cref="ImportWaitsException">It cannot be had now.</exception>
    /// <exception cref="IOException">The disk is full.</exception>
    public async Task<Import> RunAsync(Import import, CancellationToken ct)
    {
        if (import.Bytes > 0 && import.Bytes == import.TotalBytes && import.Bytes == shelf.LengthOf(import.Id))
        {
            return import;
        }

        if (!TorrentImportSource.TryParse(import.Source, out var source))
        {
            throw new ImportFailedException("It is not known any more which torrent it is.");
        }

        try
        {
            // :: Step 1: open
            await using var torrent = await torrents.OpenAsync(source.Link, ct);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
            var telling = TellAsync(import.Id, torrent.Torrent, stop.Token);
            try
            {
                return await FetchAsync(import, torrent, source.File, ct);
            }
            finally
            {
                await stop.CancelAsync();
                await telling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // It only tells.
            }
        }
        catch (TorrentException e)
        {
            throw Given(SessionException.Of(e));
        }
        catch (SessionException e)
        {
            throw Given(e);
        }
        catch (SourceUnavailableException e)
        {
            throw new ImportFailedException(e.Message);
        }
    }

    private static Exception Given(SessionException e) => e switch
    {
        { IsOpenElsewhere: true } => new ImportWaitsException("The same torrent was asked for under its other hash; this one goes on with what comes of that."),
        { MayPass: true } => new ImportWaitsException(e.Message),
        _ => new ImportFailedException(e.Message),
    };

    private async Task<Import> FetchAsync(Import import, SessionTorrent torrent, int? index, CancellationToken ct)
    {
        // :: Step 2: agree
        var chosen = SessionTorrent.FileOf(await torrent.Torrent.OpenAsync(ct), index);
        if (ImportLimits.TooLarge(chosen.Length, options) is { } problem)
        {
            throw new ImportFailedException(problem);
        }

        await using var file = await torrent.OpenFileAsync(chosen.Index, isShown: false, ct);
        var from = Math.Min(Math.Min(import.Bytes, shelf.LengthOf(import.Id)), chosen.Length);
        import = import with { TotalBytes = chosen.Length, Bytes = from, FileName = import.FileName ?? file.FileName };
        DiskFull.Require(store, chosen.Length - from);
        await SaveAsync(import);

        // :: Step 3: want
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var wanting = torrent.Torrent.KeepAsync(chosen, from, stop.Token);
        try
        {
            // :: Step 4: copy
            return await CopyAsync(import, file.Reader, ct);
        }
        finally
        {
            await stop.CancelAsync();
            await wanting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // Reading has said what is wrong.
        }
    }

    /// <summary>Says what is waited for, whenever that becomes something else.</summary>
    private async Task TellAsync(AssetId id, Torrent torrent, CancellationToken ct)
    {
        await ledger.UpdateAsync(id, old => !old.IsOpen ? old : old with { State = JobState.Running, Reason = null }, ct);
        for (string? told = null; ; await Task.Delay(TimeBetweenLooks, clock, ct))
        {
            var reason = torrent.Contents is null ? $"Nobody has told yet what is in the torrent. {torrent.Status.InWords}"
                : torrent.Status.Peers == 0 ? $"It waits for somebody who has it. {torrent.Status.InWords}"
                : null;
            if (reason != told)
            {
                told = reason;
                await ledger.UpdateAsync(id, old => !old.IsOpen ? old : old with { Reason = reason }, ct);
            }
        }
    }

    private async Task<Import> CopyAsync(Import import, IObjectReader from, CancellationToken ct)
    {
        using var to = shelf.OpenAt(import.Id, import.Bytes);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        var (reached, written) = (import.Bytes, clock.GetTimestamp());
        try
        {
            while (reached < from.Length)
            {
                var count = await from.ReadAsync(reached, buffer.AsMemory(0, BufferBytes), ct);
                RandomAccess.Write(to, buffer.AsSpan(0, count), reached);
                reached += count;
                if (clock.GetElapsedTime(written) >= TimeBetweenWrites)
                {
                    await KeepWhatCameAsync();
                    DiskFull.Require(store, 1);
                    written = clock.GetTimestamp();
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            await KeepWhatCameAsync();
        }

        return import;

        Task KeepWhatCameAsync()
        {
            if (options.Ingest.Durable)
            {
                RandomAccess.FlushToDisk(to);
            }

            import = import with { Bytes = reached };
            return SaveAsync(import);
        }
    }

    /// <summary>Writes down how far it is. What somebody else decided meanwhile stays.</summary>
    private Task SaveAsync(Import import) => ledger.UpdateAsync(
        import.Id,
        old => !old.IsOpen ? old : old with { FileName = import.FileName, Bytes = import.Bytes, TotalBytes = import.TotalBytes },
        CancellationToken.None);
}
