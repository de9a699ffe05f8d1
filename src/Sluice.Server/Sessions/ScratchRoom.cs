using Sluice.Server.Outbound.Remote;

namespace Sluice.Server.Sessions;

/// <summary>Room that is promised to one session. Disposing of it gives it back.</summary>
internal sealed class ScratchRoom(SessionScratch scratch) : IDisposable
{
    private Func<long> _filled = () => 0;

    /// <summary>Bytes that are promised.</summary>
    public long Bytes { get; set; }

    /// <summary>Bytes of it that lie there already.</summary>
    public long FilledBytes => _filled();

    /// <summary>Takes so much more.</summary>
    /// <exception cref="SessionException">There is not so much.</exception>
    public void Grow(long bytes) => scratch.Promise(this, bytes);

    /// <summary>Says how it is known what lies there.</summary>
    public void FillsAs(Func<long> filled) => _filled = filled;

    /// <summary>A cache that fills it.</summary>
    /// <exception cref="SessionException">The folder cannot be written to.</exception>
    public BlockCache NewCache()
    {
        try
        {
            // Rounded up: a file's last block is seldom a whole one.
            var most = (int)Math.Clamp((Bytes + RemoteFile.BlockBytes - 1) / RemoteFile.BlockBytes, 1, int.MaxValue);
            var cache = new BlockCache(scratch.NewPath(), RemoteFile.BlockBytes, most);
            FillsAs(() => cache.Bytes);
            return cache;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SessionScratch.Unwritable();
        }
    }

    /// <inheritdoc />
    public void Dispose() => scratch.GiveBack(this);
}
