using System.Globalization;
using Sluice.Server.Outbound;

namespace Sluice.Server.Store.PipeKv;

/// <summary>
/// A node of Pipe KV, as much of it as is publicly known.
/// <code>
///   PUT https://HOST/kv/KEY   X-Service-Key, Content-Type, the value   ──▶ 200
///   GET https://HOST/kv/KEY   X-Service-Key, perhaps Range             ──▶ 200 or 206; x-cache, x-cache-node, x-kv-version, x-kv-latency-ms, accept-ranges
/// </code>
/// Nothing is known of removing, listing, or how long a value stays, so nothing here relies on it. Redirects are no part of it and not followed.
/// </summary>
internal sealed class PipeKvNode : IDisposable
{
    private const string KeyHeader = "X-Service-Key";

    /// <summary>A slower line than this is none to publish over.</summary>
    private const int SlowestBytesPerSecond = 64 << 10;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>A value of the usual cap at four megabits a second: so long it may take the node.</summary>
    public static readonly TimeSpan LongestRead = TimeSpan.FromMinutes(2);

    private readonly PipeKvAccess _access;
    private readonly OutboundFetcher _fetcher;
    private readonly PipeKvLatencies _latencies;
    private readonly TimeProvider _clock;

    /// <param name="access">Which node. That it is configured allows to ask it, wherever it is.</param>
    /// <param name="outbound">Asks.</param>
    /// <param name="latencies">Is told of each read.</param>
    /// <param name="clock">The time.</param>
    public PipeKvNode(PipeKvAccess access, OutboundFetcher outbound, PipeKvLatencies latencies, TimeProvider clock)
    {
        (_access, _latencies, _clock) = (access, latencies, clock);
        _fetcher = outbound.Allowing(Allowance.Of(access.Url) is { } itself ? [itself] : [], access.Trust);
    }

    /// <summary>Its host and port.</summary>
    public string Name => _access.Url.Address.Authority;

    /// <summary>Bytes of the largest value.</summary>
    public long MostBytes => _access.MostBytes;

    /// <summary>Asks for a value that is read as it comes; null when there is none.</summary>
    public Task<PipeKvAnswer?> OpenAsync(string key, long from, CancellationToken ct) => OpenAsync(key, from, LongestRead, ct);

    /// <summary>Asks for a value; null when there is none.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="from">First byte that is wanted. More may come: see <see cref="PipeKvAnswer.FromByte"/>.</param>
    /// <param name="total">For all of it, be it that whoever reads takes his time.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="PipeKvException">There is no answer of use.</exception>
    public async Task<PipeKvAnswer?> OpenAsync(string key, long from, TimeSpan total, CancellationToken ct)
    {
        var asked = _clock.GetTimestamp();
        var response = await SendAsync(
            new OutboundRequest(UrlOf(key))
            {
                FromByte = from > 0 ? from : null,
                Limits = new OutboundLimits { MaxBytes = _access.MostBytes, Header = Patience, Idle = Patience, Total = total },
            },
            ct);
        try
        {
            if (response.Status is StatusCodes.Status404NotFound or StatusCodes.Status410Gone)
            {
                await response.DisposeAsync();
                return null;
            }

            if (response.Status is not (StatusCodes.Status200OK or StatusCodes.Status206PartialContent))
            {
                throw ProblemOf(response.Status);
            }

            var answer = PipeKvAnswer.Of(response, from, _access.MostBytes);
            _latencies.Note(answer.Facts, _clock.GetElapsedTime(asked));
            return answer;
        }
        catch
        {
            await response.DisposeAsync();
            throw;
        }
    }

    /// <summary>Writes a value, once. Whether it is there then, only reading tells.</summary>
    /// <exception cref="PipeKvException">It was not taken.</exception>
    public async Task PutAsync(string key, OutboundUpload value, CancellationToken ct)
    {
        if (value.LengthBytes > _access.MostBytes)
        {
            throw new PipeKvException(string.Create(
                CultureInfo.InvariantCulture, $"'{key}' has {value.LengthBytes} bytes, and a value may have {_access.MostBytes} (pipekv.mostBytes)."))
            {
                Hint = "Cut shorter segments (package.segmentSeconds), or raise the limit if the node takes more.",
            };
        }

        var patience = Patience + TimeSpan.FromSeconds((double)value.LengthBytes / SlowestBytesPerSecond);
        await using var response = await SendAsync(
            new OutboundRequest(UrlOf(key)) { Upload = value, Limits = new OutboundLimits { MaxBytes = _access.MostBytes, Header = patience } }, ct);
        if (response.Status != StatusCodes.Status200OK)
        {
            throw ProblemOf(response.Status);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _fetcher.Dispose();

    private async Task<OutboundResponse> SendAsync(OutboundRequest request, CancellationToken ct)
    {
        try
        {
            return await _fetcher.SendAsync(request with { IsDirect = true, Headers = [KeyValuePair.Create(KeyHeader, _access.Key)] }, ct);
        }
        catch (OutboundException e)
        {
            throw PipeKvException.Of(e);
        }
    }

    private OutboundUrl UrlOf(string key) => PublishedName.IsValid(key) && _access.Url.Follow("/kv/" + Uri.EscapeDataString(key)) is { } url
        ? url
        : throw new PipeKvException("The name cannot be a key of the key-value store.");

    private static PipeKvException ProblemOf(int status) => status switch
    {
        StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden => new PipeKvException("The key-value store does not let this server in.")
        {
            Hint = "It does not take the key: compare pipekv.key (X_SERVICE_KEY) with the node's .pop_state.json.",
        },
        StatusCodes.Status413PayloadTooLarge => new PipeKvException("The key-value store takes no value of this size.")
        {
            Hint = "Cut shorter segments (package.segmentSeconds), and lower pipekv.mostBytes.",
        },
        _ => new PipeKvException(string.Create(CultureInfo.InvariantCulture, $"The key-value store answers with status {status}."))
        {
            MayPass = status is 408 or 425 or 429 or >= 500,
        },
    };
}
