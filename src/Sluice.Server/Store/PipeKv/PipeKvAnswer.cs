using Sluice.Server.Outbound;

namespace Sluice.Server.Store.PipeKv;

/// <summary>
/// A value, or the rest of one, on its way from the node. Its end is the end of the value: what breaks off, or is of another length than was said, is an
/// error. Dispose of it.
/// </summary>
internal sealed class PipeKvAnswer : IAsyncDisposable
{
    private readonly OutboundResponse _response;
    private long _read;

    private PipeKvAnswer(OutboundResponse response, PipeKvFacts facts, long from) => (_response, Facts, FromByte) = (response, facts, from);

    /// <summary>What is said of the value.</summary>
    public PipeKvFacts Facts { get; }

    /// <summary>What the node says it to be; empty when it says nothing.</summary>
    public string MediaType => _response.MediaType;

    /// <summary>First byte that comes; 0 when the node gives no parts, whatever was asked for.</summary>
    public long FromByte { get; }

    /// <summary>Takes an answer of status 200 or 206.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="from">First byte that was asked for; nothing was said of parts when it is 0.</param>
    /// <param name="mostBytes">Of a value.</param>
    /// <exception cref="PipeKvException">It is of no use.</exception>
    public static PipeKvAnswer Of(OutboundResponse response, long from, long mostBytes)
    {
        var facts = PipeKvFacts.Of(response);
        var isPart = response.Status == StatusCodes.Status206PartialContent;
        if (isPart && (from == 0 || response.FromByte != from || facts.LengthBytes is not { } whole || response.LengthBytes is { } length && length != whole - from))
        {
            throw new PipeKvException("The key-value store answers with another part than it was asked for.");
        }

        if (!response.IsDelimited)
        {
            throw new PipeKvException("The key-value store does not say where its answer ends.");
        }

        if (response.Encoding is not ("" or "identity"))
        {
            throw new PipeKvException("The key-value store packs its answer, although that was not asked for.");
        }

        if (response.MediaType == "text/html")
        {
            throw new PipeKvException("The key-value store answers with a web page.");
        }

        return facts.LengthBytes > mostBytes
            ? throw new PipeKvException("The value is larger than pipekv.mostBytes allows.")
            : new PipeKvAnswer(response, facts, isPart ? from : 0);
    }

    /// <summary>Reads what has come; 0 at the end of the value.</summary>
    /// <exception cref="PipeKvException">That is not reached.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken ct)
    {
        try
        {
            var count = await _response.Body.ReadAsync(destination, ct);
            _read += count;
            return count > 0 || destination.IsEmpty || Facts.LengthBytes is null || FromByte + _read == Facts.LengthBytes
                ? count
                : throw new PipeKvException("The key-value store broke off its answer.") { MayPass = true };
        }
        catch (OutboundException e)
        {
            throw PipeKvException.Of(e);
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _response.DisposeAsync();
}
