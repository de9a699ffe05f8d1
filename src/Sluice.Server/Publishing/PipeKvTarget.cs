using Sluice.Server.Outbound;
using Sluice.Server.Store;
using Sluice.Server.Store.PipeKv;

namespace Sluice.Server.Publishing;

/// <summary>
/// A node of Pipe KV as a place to publish to.
/// <code>
/// 1 PUT    what may pass is tried again
/// 2 GET    until it gives back what was sent: a node may answer from a cache that has not heard of it yet
/// </code>
/// It is not known how anything is removed there, so nothing is.
/// </summary>
internal sealed class PipeKvTarget : IPublishTarget
{
    private const int PieceBytes = 64 << 10;

    /// <summary>Reads of what was written, with pauses that double: eight seconds in all.</summary>
    private const int MostReads = 6;

    /// <summary>One answer that a value is not there is not the last word.</summary>
    private const int LooksForNothing = 3;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);

    private readonly PipeKvNode _node;
    private readonly TimeProvider _clock;
    private readonly PipeKvLooks _looks;

    /// <param name="node">The node.</param>
    /// <param name="clock">For the pauses.</param>
    public PipeKvTarget(PipeKvNode node, TimeProvider clock)
    {
        (_node, _clock) = (node, clock);
        _looks = new PipeKvLooks(FetchAsync, clock);
    }

    /// <inheritdoc />
    public string Name => Place;

    /// <inheritdoc />
    public string Place => "pipekv://" + _node.Name;

    /// <inheritdoc />
    public bool CanRemove => false;

    /// <inheritdoc />
    public long MostBytes => _node.MostBytes;

    /// <inheritdoc />
    public async ValueTask PutAsync(string name, ReadOnlyMemory<byte> bytes, string contentType, CancellationToken ct)
    {
        // :: Step 1: PUT
        await SendAsync(name, bytes, contentType, ct);

        // :: Step 2: GET
        var pause = FirstPause;
        for (var reads = 1; !await HasAsync(name, bytes, ct); reads++, pause *= 2)
        {
            if (reads == MostReads)
            {
                throw new PipeKvException($"The key-value store took '{name}', but does not give it back as it was sent.")
                {
                    Hint = "Its cache may lag behind. Publish again; what is there already as it should be is not sent again.",
                    MayPass = true,
                };
            }

            await Task.Delay(pause, _clock, ct);
        }
    }

    /// <inheritdoc />
    public async ValueTask<bool> HasAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken ct) =>
        PublishedName.IsValid(name) && await PipeKvRetry.RunAsync(() => IsThereAsync(name, bytes, ct), _clock, ct);

    /// <inheritdoc />
    public async ValueTask SendAsync(string name, ReadOnlyMemory<byte> bytes, string contentType, CancellationToken ct) => await PipeKvRetry.RunAsync(
        async () =>
        {
            await _node.PutAsync(name, OutboundUpload.Of(bytes, contentType), ct);
            return true;
        },
        _clock, ct);

    /// <inheritdoc />
    public async ValueTask<byte[]?> ReadAsync(string name, CancellationToken ct)
    {
        if (!PublishedName.IsValid(name))
        {
            return null;
        }

        var pause = FirstPause;
        for (var looks = 1; ; looks++, pause *= 2)
        {
            if (await FetchAsync(name, ct) is { } there)
            {
                return there.Bytes;
            }

            if (looks == LooksForNothing)
            {
                return null;
            }

            await Task.Delay(pause, _clock, ct);
        }
    }

    /// <inheritdoc />
    public ValueTask ChangeAsync(string name, FileChange change, string contentType, CancellationToken ct)
    {
        return ChangeRounds.RunAsync(
            Name, name, change with { Apply = Apply }, () => _looks.SeeAsync(name, change.Merge, ct), async (bytes, seen) =>
            {
                await SendAsync(name, bytes, contentType, ct);
                _looks.Wrote(name, bytes, seen);
            }, _clock, ct);

        byte[]? Apply(byte[]? seen)
        {
            var all = _looks.TakeIn(name, seen, change.Merge);
            return change.Apply(all) ?? (all is null || (seen is not null && all.AsSpan().SequenceEqual(seen)) ? null : all);
        }
    }

    /// <inheritdoc />
    public ValueTask RemoveAsync(string name, CancellationToken ct) =>
        throw new PipeKvException("The key-value store cannot remove what was published.")
        {
            Hint = "Whoever knows a link can still play it; take it out of the list of what is published.",
        };

    private Task<PipeKvValue?> FetchAsync(string name, CancellationToken ct) => PipeKvRetry.RunAsync(() => ReadOnceAsync(name, ct), _clock, ct);

    private async Task<bool> IsThereAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        await using var answer = await _node.OpenAsync(name, 0, ct);
        if (answer is null || (answer.Facts.LengthBytes is { } length && length != bytes.Length))
        {
            return false;
        }

        var piece = new byte[PieceBytes];
        var rest = bytes;
        while (await answer.ReadAsync(piece, ct) is > 0 and var count)
        {
            if (count > rest.Length || !rest.Span[..count].SequenceEqual(piece.AsSpan(0, count)))
            {
                return false;
            }

            rest = rest[count..];
        }

        return rest.IsEmpty;
    }

    private async Task<PipeKvValue?> ReadOnceAsync(string name, CancellationToken ct)
    {
        await using var answer = await _node.OpenAsync(name, 0, ct);
        if (answer is null)
        {
            return null;
        }

        using var all = new MemoryStream((int)(answer.Facts.LengthBytes ?? PieceBytes));
        var piece = new byte[PieceBytes];
        while (await answer.ReadAsync(piece, ct) is > 0 and var count)
        {
            all.Write(piece, 0, count);
        }

        return new PipeKvValue(all.ToArray(), answer.Facts);
    }
}
