using Sluice.Media.Hls;
using Sluice.Server.Outbound;

namespace Sluice.Server.Live;

/// <summary>
/// Fetches a resource or a part of one, from start to end, whatever happens in between.
/// <code>
/// 1 ask     from the first byte that is missing, if it is still the same file
/// 2 slice   an answer that holds more than was asked for, as one of status 200 does
/// 3 take    what comes, as it comes
/// 4 again   broken off, busy, or not there yet: after a pause, as long as there is patience
/// </code>
/// </summary>
/// <param name="fetcher">Asks.</param>
/// <param name="request">What is asked for.</param>
/// <param name="range">Part of that; null for all of it.</param>
/// <param name="patience">How long the other side may take altogether when nothing comes.</param>
/// <param name="clock">For that.</param>
internal sealed class ByteFetch(OutboundFetcher fetcher, OutboundRequest request, HlsByteRange? range, TimeSpan patience, TimeProvider clock)
{
    /// <summary>Most that is taken at a time where memory is short. What is done for each piece, down to the viewers that are woken, costs more than its bytes.</summary>
    public const int PieceBytes = 64 * 1024;

    /// <summary>Least that there is to be room for: less is not worth asking the kernel for.</summary>
    public const int LeastRoomBytes = PieceBytes / 4;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(4);

    private OutboundRequest _request = request;
    private long _received;
    private string? _validator;
    private TimeSpan _waited;
    private long? _begun;
    private TimeSpan? _firstByte;
    private int _retries;

    /// <summary>Whether it is of no use any more, because it has left the playlist. It is tried for some time all the same: servers keep files for longer.</summary>
    public Func<bool> IsLate { get; init; } = static () => false;

    /// <summary>How long the other side may take altogether, whatever comes and however late it is: who sends a byte now and then would take for ever.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.MaxValue;

    private bool IsTooSlow => _waited > Limit || (_waited > patience && IsLate());

    /// <summary>Fetches; does not throw for what the other side does.</summary>
    public async Task<DownloadResult> RunAsync(IByteRoom into, CancellationToken ct)
    {
        var pause = FirstPause;
        _begun ??= clock.GetTimestamp();
        while (true)
        {
            var before = _received;
            var (problem, status, mayPass) = await TryAsync(into, ct);
            if (problem is null || !mayPass || (_received == before && !IsWorth(_waited + pause)) || IsTooSlow)
            {
                return new DownloadResult(_received, problem, status, _retries) { FirstByte = _firstByte };
            }

            // :: Step 4: again. Who has sent something since is not kept waiting longer and longer.
            pause = _received > before ? FirstPause : pause;
            await Task.Delay(pause, clock, ct);
            _waited += pause;
            _retries++;
            pause = pause * 2 > LongestPause ? LongestPause : pause * 2;
        }
    }

    /// <summary>Goes on with the same file at another address, from where it is.</summary>
    public Task<DownloadResult> RunAsync(OutboundRequest other, IByteRoom into, CancellationToken ct)
    {
        _request = other;
        _retries++;
        return RunAsync(into, ct);
    }

    private bool IsWorth(TimeSpan waited) => waited <= patience && (waited <= patience / 3 || !IsLate());

    private async Task<(string? Problem, int Status, bool MayPass)> TryAsync(IByteRoom into, CancellationToken ct)
    {
        try
        {
            // :: Step 1: ask
            var from = (range?.Offset ?? 0) + _received;
            await using var response = await WaitAsync(new ValueTask<OutboundResponse>(fetcher.SendAsync(Asking(from), ct)));
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
            return await TakeAsync(response, from - begins, into, ct);
        }
        catch (OutboundException e)
        {
            return (e.Message, 0, e.MayPass);
        }
    }

    /// <summary>Counts what the other side takes, and not what we take.</summary>
    private async ValueTask<T> WaitAsync<T>(ValueTask<T> work)
    {
        var asked = clock.GetTimestamp();
        try
        {
            return await work;
        }
        finally
        {
            _waited += clock.GetElapsedTime(asked);
        }
    }

    private OutboundRequest Asking(long from) => range is null && _received == 0
        ? _request
        : _request with { FromByte = from, ToByte = range?.End - 1, IfRange = _received > 0 ? _validator : null };

    private async Task<(string? Problem, int Status, bool MayPass)> TakeAsync(OutboundResponse response, long skip, IByteRoom into, CancellationToken ct)
    {
        var wanted = range is { } part ? part.Length - _received : long.MaxValue;
        while (wanted > 0)
        {
            // :: Step 3: take
            var room = into.Room();
            var count = await WaitAsync(response.Body.ReadAsync(room, ct));
            if (IsTooSlow)
            {
                return (_waited > Limit ? "it comes too slowly" : "it came so slowly that it has left the playlist", response.Status, false);
            }

            if (count == 0)
            {
                return range is not null ? ("the range ends before it should", response.Status, true)
                    : skip > 0 ? ("the upstream has another file now", response.Status, false)
                    : _received == 0 ? ("the upstream sends nothing", response.Status, true) : (null, response.Status, false);
            }

            _firstByte ??= clock.GetElapsedTime(_begun!.Value);
            var skipped = (int)Math.Min(skip, count);
            var taken = (int)Math.Min(count - skipped, wanted);
            skip -= skipped;
            wanted -= taken;
            _received += taken;
            if (skipped > 0)
            {
                room.Slice(skipped, taken).CopyTo(room);
            }

            await into.TakeAsync(room[..taken], ct);
        }

        return (null, response.Status, false);
    }

    /// <summary>A segment may be listed a moment before it is there; while it is written a file is empty.</summary>
    private static bool MayPass(int status) => status is 404 or 408 or 425 or 429 or >= 500;
}
