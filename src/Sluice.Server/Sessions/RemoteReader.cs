using Sluice.Server.Outbound.Remote;
using Sluice.Server.Store;

namespace Sluice.Server.Sessions;

/// <summary>A file on another server as the store's readers want to see it. Its owner disposes of the file.</summary>
internal sealed class RemoteReader(RemoteFile file) : IObjectReader
{
    private readonly byte[] _one = new byte[1];

    /// <inheritdoc />
    public long Length => file.Length;

    /// <inheritdoc />
    public bool IsElsewhere => true;

    /// <inheritdoc />
    public async ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken ct)
    {
        try
        {
            return await file.ReadAsync(offset, destination, ct);
        }
        catch (RemoteFileException e)
        {
            throw new SourceUnavailableException(e.Message, e);
        }
    }

    /// <inheritdoc />
    public async ValueTask PrepareAsync(long offset, CancellationToken ct) => _ = await ReadAsync(offset, _one, ct); // Nobody looks at what is in it.

    /// <inheritdoc />
    public void Dispose()
    {
        // It is the session's.
    }
}
