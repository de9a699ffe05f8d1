using Sluice.Server.Store;
using Sluice.Server.Store.PipeKv;

namespace Sluice.Server.Publishing;

/// <summary>A target on another server, whose trouble is told as publishing tells it: what is wrong, what to do, and whether another attempt may do better.</summary>
/// <param name="inner">The target.</param>
/// <param name="name">What people call it.</param>
internal sealed class ToldTarget(IPublishTarget inner, string name) : IPublishTarget
{
    private const string Again = "Publish again when that is mended: what is there already as it should be is not sent again.";

    /// <inheritdoc />
    public string Name => name;

    /// <inheritdoc />
    public string Place => inner.Place;

    /// <inheritdoc />
    public bool CanRemove => inner.CanRemove;

    /// <inheritdoc />
    public long MostBytes => inner.MostBytes;

    /// <inheritdoc />
    public async ValueTask PutAsync(string name, ReadOnlyMemory<byte> bytes, string contentType, CancellationToken ct) =>
        await ToldAsync(async () =>
        {
            await inner.PutAsync(name, bytes, contentType, ct);
            return true;
        });

    /// <inheritdoc />
    public async ValueTask SendAsync(string name, ReadOnlyMemory<byte> bytes, string contentType, CancellationToken ct) =>
        await ToldAsync(async () =>
        {
            await inner.SendAsync(name, bytes, contentType, ct);
            return true;
        });

    /// <inheritdoc />
    public ValueTask<bool> HasAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken ct) => ToldAsync(() => inner.HasAsync(name, bytes, ct));

    /// <inheritdoc />
    public ValueTask<byte[]?> ReadAsync(string name, CancellationToken ct) => ToldAsync(() => inner.ReadAsync(name, ct));

    /// <inheritdoc />
    public async ValueTask ChangeAsync(string name, FileChange change, string contentType, CancellationToken ct) =>
        await ToldAsync(async () =>
        {
            await inner.ChangeAsync(name, change, contentType, ct);
            return true;
        });

    /// <inheritdoc />
    public ValueTask<bool> KeepsConditionsAsync(CancellationToken ct) => ToldAsync(() => inner.KeepsConditionsAsync(ct));

    /// <inheritdoc />
    public async ValueTask RemoveAsync(string name, CancellationToken ct) =>
        await ToldAsync(async () =>
        {
            await inner.RemoveAsync(name, ct);
            return true;
        });

    private static async ValueTask<T> ToldAsync<T>(Func<ValueTask<T>> work)
    {
        try
        {
            return await work();
        }
        catch (PipeKvException e)
        {
            throw new PublishException(e.Message, e.Hint ?? (e.MayPass ? $"Look whether the node runs, and whether its address is right. {Again}" : Again), e.MayPass);
        }
        catch (SourceUnavailableException e)
        {
            throw new PublishException(e.Message, Again, mayPass: true);
        }
    }
}
