namespace Sluice.Server.Probe;

/// <summary>
/// The clock of an MPEG-TS, which jumps where recordings were joined. It is straightened as ffmpeg does when it copies: a step back, or one of more than
/// ten seconds, lasts as long as the packet before it, and what follows in any stream moves along.
/// <code>
///   stamps       0 … 20 │ 5000 … 5020         0 … 20 │ 0 … 20
///   straightened 0 … 20 │   20 … 40           0 … 20 │ 20 … 40
/// </code>
/// </summary>
/// <param name="streams">Streams that are copied: only their steps count. Subtitles come as they please.</param>
internal sealed class JumpingClock(IReadOnlySet<int> streams)
{
    private const long TicksPerSecond = 90_000; // Of every stream: ISO/IEC 13818-1 section 2.4.3.7.

    /// <summary>ffmpeg's <c>dts_delta_threshold</c>.</summary>
    private const long LongestStep = 10 * TicksPerSecond;

    /// <summary>As far as stamps may go back without being a jump.</summary>
    private const long Disorder = TicksPerSecond / 10;

    private readonly Dictionary<int, (long Last, long Next)> _seen = [];

    /// <summary>What is added to stamps from the last packet on, in ticks.</summary>
    public long Shift { get; private set; }

    /// <summary>There was a jump.</summary>
    public bool HasJumped { get; private set; }

    /// <summary>Takes a packet, in the order of the file.</summary>
    /// <param name="stream">Its stream.</param>
    /// <param name="decoded">Its decoding time as the file says, in ticks.</param>
    /// <param name="duration">Its duration in ticks; 0 when it is not said.</param>
    public void Pass(int stream, long decoded, long duration)
    {
        if (!streams.Contains(stream))
        {
            return;
        }

        var at = decoded + Shift;
        if (_seen.TryGetValue(stream, out var before) && (at > before.Next + LongestStep || at + Disorder < before.Last))
        {
            Shift += before.Next - at;
            at = before.Next;
            HasJumped = true;
        }

        _seen[stream] = (at, at + Math.Min(duration, LongestStep));
    }
}
