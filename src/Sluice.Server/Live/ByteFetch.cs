using Sluice.Media.Hls;
using Sluice.Server.Outbound;

namespace Sluice.Server.Live;

/// <summary>Takes the next bytes of a resource; when it returns they may be overwritten.</summary>
internal delegate ValueTask TakeBytes(ReadOnlyMemory<byte> bytes, CancellationToken ct);

/// <summary>
/// Fetches a resource or a part of one, from start to end, whatever happens in between.
/// <code>
/// 1 ask     from the first byte that is missing, if it is still the same file
/// 2 slice   an answer that holds more than was asked for, as one of status 200 does
/// 3 take    what comes, as it comes
/// 4 again   broken off, busy, or not there yet: after a pause, as long as there is patience
/// </code>
/// </summary>
internal sealed class ByteFetch(OutboundFetcher fetcher, OutboundRequest request, HlsByteRange? range, TimeSpan patience, TimeProvider clock)
{
    private const int PieceBytes = 32 * 1024;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(4);

    private readonly byte[] _piece = new byte[PieceBytes];
    private long _received;
    private string? _validator;

    /// <summary>Fetches; does not throw for what the other side does.</summary>
    public async Task<DownloadResult> RunAsync(TakeBytes take, CancellationToken ct)
    {
        var started = clock.GetTimestamp();
        var pause = FirstPause;
        for (var retries = 0; ; retries++)
        {
            var before = _received;
            var (problem, status, mayPass) = await TryAsync(take, ct);
            if (problem is null || !mayPass || (_received == before && clock.GetElapsedTime(started) + pause > patience))
            {
                return new DownloadResult(_received, problem, status, retries);
            }

            // :: Step 4: again. Who has sent something since is not kept waiting longer and longer.
            pause = _received > before ? FirstPause : pause;
            await Task.Delay(pause, clock, ct);
            pause = pause * 2 > LongestPause ? LongestPause : pause * 2;
        }
    }

    private async Task<(string? Problem, int Status, bool MayPass)> TryAsync(TakeBytes take, CancellationToken ct)
    {
        try
        {
            // :: Step 1: ask
            var from = (range?.Offset ?? 0) + _received;
            await using var response = await fetcher.SendAsync(Asking(from), ct);
            if (response.Status is not (200 or 206))
            {
                return ($"the upstream answers {response.Status}", response.Status, MayPass(response.Status));
            }

            // :: Step 2: slice
            var begins = response.Status == 206 ? response.FromByte ?? from : 0;
            if (begins > from || (_received > 0 && response.Validator != _validator))
            {
                return ("the upstream has another file now", response.Status, false);
            }

            _validator = response.Validator;
            return await TakeAsync(response, from - begins, take, ct);
        }
        catch (OutboundException e)
        {
            return (e.Message, 0, e.MayPass);
        }
    }

    private OutboundRequest Asking(long from) => range is null && _received == 0
        ? request
        : request with { FromByte = from, ToByte = range?.End - 1, IfRange = _received > 0 ? _validator : null };

    private async Task<(string? Problem, int Status, bool MayPass)> TakeAsync(OutboundResponse response, long skip, TakeBytes take, CancellationToken ct)
    {
        var wanted = range is { } part ? part.Length - _received : long.MaxValue;
        while (wanted > 0)
        {
            // :: Step 3: take
            var count = await response.Body.ReadAsync(_piece, ct);
            if (count == 0)
            {
                return range is null ? (null, response.Status, false) : ("the range ends before it should", response.Status, true);
            }

            var skipped = (int)Math.Min(skip, count);
            var taken = (int)Math.Min(count - skipped, wanted);
            skip -= skipped;
            wanted -= taken;
            _received += taken;
            await take(_piece.AsMemory(skipped, taken), ct);
        }

        return (null, response.Status, false);
    }

    /// <summary>A segment may be listed a moment before it is there.</summary>
    private static bool MayPass(int status) => status is 404 or 408 or 425 or 429 or >= 500;
}
