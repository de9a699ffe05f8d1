using Sluice.Server.Outbound.Remote;

namespace Sluice.Server.Store.S3;

/// <summary>Reads one object of a bucket, through the local cache.</summary>
internal sealed class S3Reader(S3Object read, BlockFile blocks) : IObjectReader
{
    private int _isDisposed;

    /// <inheritdoc />
    public long Length => read.At.SizeBytes;

    /// <inheritdoc />
    public bool IsElsewhere => true;

    /// <inheritdoc />
    public bool IsLost => blocks.Fault is not null;

    /// <inheritdoc />
    public async ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken ct)
    {
        try
        {
            return await blocks.ReadAsync(offset, destination, ct);
        }
        catch (RemoteFileException e)
        {
            throw new SourceUnavailableException(e.Message, e) { IsPending = e.IsBusy, IsLoss = IsLost };
        }
    }

    /// <inheritdoc />
    public ValueTask PrepareAsync(long offset, CancellationToken ct) => PrepareAsync([new BytePart(offset, 1)], ct);

    /// <summary>One request for all that lies between the first and the last byte: to ask for each part would take longer than what lies between.</summary>
    public async ValueTask PrepareAsync(IReadOnlyList<BytePart> parts, CancellationToken ct)
    {
        if (parts.Count == 0)
        {
            return;
        }

        try
        {
            await blocks.PrepareAsync(parts.Min(p => p.Offset), parts.Max(p => p.Offset + p.Length), ct);
        }
        catch (RemoteFileException e)
        {
            throw new SourceUnavailableException(e.Message, e) { IsPending = e.IsBusy, IsLoss = IsLost };
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            read.Close();
        }
    }
}
