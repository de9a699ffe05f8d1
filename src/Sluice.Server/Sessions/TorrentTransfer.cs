using System.Buffers;
using System.Globalization;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest.Imports;
using Sluice.Server.Store;
using Sluice.Server.Torrents;

namespace Sluice.Server.Sessions;

/// <summary>
/// Brings a file of a torrent onto the shelf of imports, all of it.
/// <code>
/// 1 open      the torrent, which a session may have open; its room in the scratch folder
/// 2 want      all of the file, in whichever order the swarm has it
/// 3 copy      from front to back, as far as it is here → imports/{id}; now and then the catalog learns how much is safe
/// </code>
/// A server that was stopped or killed goes on behind what lies on the shelf.
/// </summary>
internal sealed class TorrentTransfer(
    SessionTorrents torrents, ImportShelf shelf, IObjectStore store, ImportLedger ledger, SluiceOptions options, TimeProvider clock)
{
    private const int BufferBytes = 1 << 20;

    private static readonly TimeSpan TimeBetweenWrites = TimeSpan.FromSeconds(2);

    /// <summary>Goes on with a download.</summary>
    /// <returns>It, with every byte on the disk.</returns>
    /// <exception cref="ImportFailedException">It cannot be had.</exception>
    /// <exception cref="IOException">The disk is full.</exception>
    public async Task<Import> RunAsync(Import import, CancellationToken ct)
    {
        try
        {
            // :: Step 1: open
            var (link, index) = Read(import.Source);
            await using var torrent = await torrents.OpenAsync(link, ct);
            await using var file = await torrent.OpenFileAsync(index, isShown: false, ct);
            var from = Math.Min(Math.Min(import.Bytes, shelf.LengthOf(import.Id)), file.Length);
            import = import with { TotalBytes = file.Length, Bytes = from, State = JobState.Running, Reason = null };
            DiskFull.Require(store, file.Length - from);
            await SaveAsync(import);

            // :: Step 2: want
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
            var wanting = torrent.Torrent.KeepAsync(file.File, stop.Token);
            try
            {
                // :: Step 3: copy
                return await CopyAsync(import, file.Reader, ct);
            }
            finally
            {
                await stop.CancelAsync();
                await wanting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // Reading has said what is wrong.
            }
        }
        catch (Exception e) when (e is TorrentException or SessionException or SourceUnavailableException)
        {
            throw new ImportFailedException(e.Message);
        }
    }

    private static (TorrentLink Link, int Index) Read(string source) =>
        source.IndexOf(' ', StringComparison.Ordinal) is > 0 and var space
        && int.TryParse(source.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
        && MagnetLink.TryParse(source[(space + 1)..], out var link)
            ? (link, index)
            : throw new ImportFailedException("It is not known any more which torrent it is.");

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
        old => !old.IsOpen ? old : old with { State = import.State, Reason = import.Reason, Bytes = import.Bytes, TotalBytes = import.TotalBytes },
        CancellationToken.None);
}
