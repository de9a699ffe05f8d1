using Sluice.Server.Store;
using Sluice.Server.Torrents.Engine;

namespace Sluice.Server.Torrents;

/// <summary>A file of a torrent, read as any object is.</summary>
internal sealed class TorrentReader(TorrentEngine engine, Torrent torrent, TorrentFile file) : IObjectReader
{
    /// <summary>Bytes that are asked for at once; a piece may be far larger than what somebody reads.</summary>
    private const int MostBytes = 1 << 20;

    /// <inheritdoc />
    public long Length => file.Length;

    /// <summary>Reads what one piece has of that; waits until the piece is here. Cancelled, the piece is not downloaded for it any more.</summary>
    /// <exception cref="TorrentException">It cannot be had.</exception>
    public async ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        var length = Math.Min(Math.Min(destination.Length, MostBytes), file.Length - offset);
        if (length <= 0)
        {
            return 0;
        }

        var question = SidecarCommand.Read(torrent.Key, file.Position + offset, length, file.Position + file.Length);
        byte[] bytes;
        await torrent.Reads.WaitAsync(ct);
        try
        {
            bytes = await engine.AskAsync(question, ct);
        }
        finally
        {
            torrent.Reads.Release();
        }

        if (bytes.Length == 0 || bytes.Length > length)
        {
            throw new TorrentException("The torrent engine answered with something else than what was asked for.");
        }

        bytes.CopyTo(destination);
        return bytes.Length;
    }

    /// <summary>Waits until the piece at <paramref name="offset"/> is here. However many wait so, reads of what is here do not wait for
    /// their turn behind them.</summary>
    /// <exception cref="TorrentException">It cannot be had.</exception>
    public async ValueTask PrepareAsync(long offset, CancellationToken ct) =>
        _ = await engine.AskAsync(SidecarCommand.Read(torrent.Key, file.Position + offset, 1, file.Position + file.Length), ct);

    /// <inheritdoc />
    public void Dispose()
    {
        // The torrent is its session's; a reader holds nothing of its own.
    }
}
