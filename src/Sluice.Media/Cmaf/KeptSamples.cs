using Sluice.Media.IsoBmff;

namespace Sluice.Media.Cmaf;

/// <summary>
/// The samples of a track that its edit list leaves, one by one, each together with the next, whose decode time ends it.
/// <code>
///   TryHold ──► Current, DistanceTicks, IsLast ──► Step ──► TryHold …
/// </code>
/// </summary>
/// <param name="reader">A new pass over the track.</param>
/// <param name="scan">Its scan.</param>
/// <param name="waits">What has not landed yet is waited for; false to end there.</param>
internal sealed class KeptSamples(SampleReader reader, TrackScan scan, bool waits)
{
    private MediaSample _current;
    private MediaSample _next;
    private bool _hasCurrent;
    private bool _hasNext;
    private long _number;

    /// <summary>The scan, which is replaced once the end of a track that was arriving is known.</summary>
    public TrackScan Scan { get; set; } = scan;

    /// <summary>The sample that is held.</summary>
    public ref readonly MediaSample Current => ref _current;

    /// <summary>Decode time of the first kept sample, as its file has it.</summary>
    public long FirstDecodeTicks { get; private set; }

    /// <summary>No kept sample follows.</summary>
    public bool IsLast => !_hasNext || (_number >= Scan.LastSample && !Scan.IsOpen);

    /// <summary>The true duration of the current sample: the distance to the next one's decoding; only the last one's is as stated.</summary>
    public long DistanceTicks => _hasNext ? _next.DecodeTicks - _current.DecodeTicks : _current.DurationTicks;

    /// <summary>Why there is none; null when there is one, or may be one later.</summary>
    public string? Problem { get; private set; }

    /// <summary>Holds the current sample, with all its bytes, and knows the next; false when it must wait, or with a problem.</summary>
    /// <param name="landedBytes">Bytes of the file that are there, counted from its start.</param>
    public bool TryHold(long landedBytes) =>
        (_hasCurrent || ReadFirst()) && _current.Offset <= landedBytes - _current.SizeBytes && KnowsNext();

    /// <summary>Goes on to the next sample.</summary>
    public void Step()
    {
        _current = _next;
        _hasNext = false;
        _number++;
    }

    private bool ReadFirst()
    {
        while (reader.TryRead(out _current))
        {
            if (_number == Scan.FirstSample)
            {
                FirstDecodeTicks = _current.DecodeTicks;
                _hasCurrent = true;
                return true;
            }

            _number++; // A sample before the edit's start.
        }

        Problem = waits && reader.IsWaiting ? null : reader.Problem ?? "it has no samples";
        return false;
    }

    private bool KnowsNext()
    {
        _hasNext = _hasNext || reader.TryRead(out _next);
        if (!_hasNext)
        {
            return !waits || !(reader.IsWaiting || Scan.IsOpen);
        }

        // A sample behind the edit's end is kept when one before the edit's end follows it; while the end is open nobody knows.
        return !Scan.IsOpen || _number < Scan.LastSample || _next.CompositionTicks < Scan.Timeline.EndTicks;
    }
}
