using Sluice.Media.Binary;
using Sluice.Media.IsoBmff.Boxes;
using Sluice.Media.IsoBmff.SampleTables;

namespace Sluice.Media.IsoBmff;

/// <summary>
/// The samples of one track in a file with movie fragments: first those of its <c>stbl</c>, if any (a partly
/// fragmented file), then those of each <c>moof</c> in file order. One <c>moof</c> is in memory at a time.
/// </summary>
internal sealed class FragmentSampleReader : SampleReader
{
    /// <summary>An 11-hour title in one single fragment stays below this.</summary>
    private const int LargestFragmentHeader = 64 << 20;

    private readonly IByteSource _source;
    private readonly TrackExtendsBox _extends;
    private readonly ProgressiveSampleReader _head;
    private readonly IEnumerator<BoxRegion> _boxes;
    private readonly Queue<Run> _runs = new();
    private bool _inHead = true;
    private long _decodeTicks;
    private long _position;
    private long _bytes;

    public FragmentSampleReader(IByteSource source, SampleTable table, TrackExtendsBox extends, long firstFragment)
    {
        _source = source;
        _extends = extends;
        _head = new ProgressiveSampleReader(source, table);
        _boxes = BoxRegion.Walk(source, firstFragment, source.Length - firstFragment).GetEnumerator();
    }

    public override bool TryRead(out MediaSample sample)
    {
        if (_inHead)
        {
            if (_head.TryRead(out sample))
            {
                return true;
            }

            Problem = _head.Problem;
            IsTruncated = _head.IsTruncated;
            _decodeTicks = _head.DecodeTicks;
            _inHead = false;
        }

        sample = default;
        while (Problem is null && !IsTruncated)
        {
            if (_runs.TryPeek(out var run))
            {
                if (TryReadFrom(run, out sample))
                {
                    return true;
                }

                _runs.Dequeue();
            }
            else if (!NextFragment())
            {
                return false;
            }
        }

        return false;
    }

    private bool TryReadFrom(Run run, out MediaSample sample)
    {
        sample = default;
        if (!run.Started)
        {
            run.Started = true;
            _decodeTicks = run.DecodeTicks ?? _decodeTicks;
            _position = run.Start;
        }

        if (!run.Box.TryRead(out var next))
        {
            return false;
        }

        if (next.Size > LargestSample || _position < 0 || _position > _source.Length - next.Size)
        {
            IsTruncated = true;
            return false;
        }

        _bytes += next.Size;
        if (_bytes > 2 * _source.Length || (next.Size == 0 && run.EmptySamples++ > 1000))
        {
            Problem = "its fragments overlap each other";
            return false;
        }

        sample = new MediaSample(
            _position, (int)next.Size, _decodeTicks, _decodeTicks + next.CompositionOffset, next.Duration, next.IsSync,
            run.DescriptionIndex);
        _position += next.Size;
        _decodeTicks += next.Duration;
        return true;
    }

    private bool NextFragment()
    {
        while (_boxes.MoveNext())
        {
            var box = _boxes.Current;
            if (box.Type != MoofType)
            {
                continue;
            }

            if (box.Truncated)
            {
                IsTruncated = true;
                return false;
            }

            if (box.Load(_source, LargestFragmentHeader) is not { } moof)
            {
                Problem = "a fragment's header (moof) is larger than 64 MiB";
                return false;
            }

            CollectRuns(moof, box.Start);
            if (_runs.Count > 0)
            {
                return true;
            }
        }

        return false;
    }

    private void CollectRuns(byte[] moof, long moofStart)
    {
        var position = moofStart; // Where the data of the traf before ended (section 8.8.7.1, base-data-offset absent).
        var boxes = new BoxReader(moof);
        while (boxes.Next())
        {
            if (boxes.Type != TrafType)
            {
                continue;
            }

            var traf = moof.AsMemory(OffsetOf(moof, boxes.Body), boxes.Body.Length);
            if (!TrackFragmentHeaderBox.TryParse(BoxReader.Find(traf.Span, TfhdType), _extends, out var header))
            {
                Problem = "a fragment's track header (tfhd) is damaged";
                return;
            }

            var mine = header.TrackId == _extends.TrackId;
            var start = header.BaseDataOffset ?? (header.DefaultBaseIsMoof ? moofStart : position);
            long? decode = TrackFragmentDecodeTimeBox.TryParse(BoxReader.Find(traf.Span, TfdtType), out var tfdt)
                ? tfdt.DecodeTicks
                : null;
            position = CollectRuns(traf, mine, header, start, decode);
        }
    }

    private long CollectRuns(
        ReadOnlyMemory<byte> traf, bool mine, TrackFragmentHeaderBox header, long start, long? decode)
    {
        var boxes = new BoxReader(traf.Span);
        var position = start;
        while (boxes.Next())
        {
            if (boxes.Type != TrunType)
            {
                continue;
            }

            var body = traf.Slice(OffsetOf(traf.Span, boxes.Body), boxes.Body.Length);
            if (TrackRunBox.TryParse(body, header) is not { } run)
            {
                Problem = mine ? "a fragment's run (trun) claims more samples than it describes" : Problem;
                return position;
            }

            long? runStart = run.DataOffset is { } offset ? start + offset : null;
            if (mine)
            {
                _runs.Enqueue(new Run(run, runStart ?? position, decode,
                    (int)Math.Min(header.DescriptionIndex, int.MaxValue)));
                decode = null;
            }

            position = (runStart ?? position) + SizeOf(body, header);
        }

        return position;
    }

    private static long SizeOf(ReadOnlyMemory<byte> body, TrackFragmentHeaderBox header)
    {
        var run = TrackRunBox.TryParse(body, header);
        long total = 0;
        if (run is not null && (body.Span[2] & 0x2) == 0)
        {
            return (long)run.SampleCount * header.Size; // Bit 0x200 of the flags is clear: every size is the default.
        }

        while (run is not null && run.TryRead(out var sample))
        {
            total += sample.Size;
        }

        return total;
    }

    private static int OffsetOf(ReadOnlySpan<byte> outer, ReadOnlySpan<byte> inner) =>
        inner.IsEmpty || !outer.Overlaps(inner, out var offset) ? 0 : offset;

    private static readonly FourCc MoofType = "moof";
    private static readonly FourCc TrafType = "traf";
    private static readonly FourCc TfhdType = "tfhd";
    private static readonly FourCc TfdtType = "tfdt";
    private static readonly FourCc TrunType = "trun";

    private sealed class Run(TrackRunBox box, long start, long? decodeTicks, int descriptionIndex)
    {
        public TrackRunBox Box => box;

        public long Start => start;

        public long? DecodeTicks => decodeTicks;

        public int DescriptionIndex => descriptionIndex;

        public bool Started { get; set; }

        public int EmptySamples { get; set; }
    }
}
