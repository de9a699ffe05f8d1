using Sluice.Media.Binary;
using Sluice.Media.IsoBmff.Boxes;
using Sluice.Media.IsoBmff.SampleTables;

namespace Sluice.Media.IsoBmff;

/// <summary>
/// The samples of one track in a file with movie fragments: first those of its <c>stbl</c>, if any (a partly
/// fragmented file), then those of each <c>moof</c> in file order. One <c>moof</c> is in memory at a time, and none before
/// all of it has landed.
/// </summary>
internal sealed class FragmentSampleReader : SampleReader
{
    /// <summary>An 11-hour title in one single fragment stays below this.</summary>
    private const int LargestFragmentHeader = 64 << 20;

    /// <summary>Samples that runs may claim beyond one for each byte that has landed: their data lie further on.</summary>
    private const long FreeSamples = 1 << 22;

    private readonly IByteSource _source;
    private readonly TrackExtendsBox _extends;
    private readonly ProgressiveSampleReader _head;
    private readonly Queue<FragmentRun> _runs = new();
    private readonly List<FragmentRun> _found = [];
    private readonly byte[] _header = new byte[BoxHeader.MaxBytes];
    private bool _inHead = true;
    private bool _runIsOpen;
    private int _emptySamples;
    private long _nextBox;
    private long _decodeTicks;
    private long _position;
    private long _bytes;
    private long _claimed;

    public FragmentSampleReader(IByteSource source, SampleTable table, TrackExtendsBox extends, long firstFragment)
    {
        _source = source;
        _extends = extends;
        _head = new ProgressiveSampleReader(source, table);
        _nextBox = firstFragment;
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
        IsWaiting = false;
        while (Problem is null && !IsTruncated)
        {
            if (_runs.TryPeek(out var run))
            {
                if (TryReadFrom(run, out sample))
                {
                    return true;
                }

                _runs.Dequeue();
                _runIsOpen = false;
            }
            else if (!NextFragment())
            {
                return false;
            }
        }

        return false;
    }

    private bool TryReadFrom(FragmentRun run, out MediaSample sample)
    {
        sample = default;
        if (!_runIsOpen)
        {
            _runIsOpen = true;
            _emptySamples = 0;
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
        if (_bytes > 2 * _source.Length || (next.Size == 0 && _emptySamples++ > 1000))
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

    /// <summary>Steps to the next fragment with samples of the track; false without one, or where bytes have not landed.</summary>
    private bool NextFragment()
    {
        while (ReadBox() is { } box)
        {
            if (box.Type != MoofType)
            {
                _nextBox = box.End;
                continue;
            }

            if (box.Truncated)
            {
                IsTruncated = true;
                return false;
            }

            if (!HasLanded(box.End - 1, 1))
            {
                return false;
            }

            if (box.Load(_source, LargestFragmentHeader) is not { } moof)
            {
                Problem = "a fragment's header (moof) is larger than 64 MiB";
                return false;
            }

            _found.Clear();
            Problem = FragmentRun.Collect(moof, box.Start, id => id == _extends.TrackId ? _extends : null, _found);
            if (!IsBacked(_found))
            {
                return false;
            }

            _nextBox = box.End;
            _found.ForEach(_runs.Enqueue);
            if (Problem is not null || _runs.Count > 0)
            {
                return Problem is null;
            }
        }

        return false;
    }

    /// <summary>A run of equal samples costs its writer nothing, and a file that is still arriving may announce any length: more
    /// samples than bytes are believed when the bytes are there.</summary>
    private bool IsBacked(List<FragmentRun> runs)
    {
        var claimed = runs.Aggregate(_claimed, static (sum, run) => sum + run.Box.SampleCount);
        if (claimed > FreeSamples && !HasLanded(Math.Min(claimed - FreeSamples, _source.Length) - 1, 1))
        {
            return false;
        }

        _claimed = claimed;
        return true;
    }

    private BoxRegion? ReadBox()
    {
        var length = (int)Math.Min(BoxHeader.MaxBytes, _source.Length - _nextBox);
        return length >= 8 && HasLanded(_nextBox, length) ? BoxRegion.Read(_header.AsSpan(0, length), _nextBox, _source.Length) : null;
    }

    private bool HasLanded(long offset, int length)
    {
        IsWaiting = !_source.TryFill(offset, _header.AsSpan(0, length));
        return !IsWaiting;
    }

    private static readonly FourCc MoofType = "moof";
}
