using Sluice.Media.Binary;
using Sluice.Media.IsoBmff.Boxes;

namespace Sluice.Media.IsoBmff;

/// <summary>What a <c>moof</c> says of one sample whose bytes are still to come.</summary>
internal readonly record struct PlannedSample(
    uint TrackId, int DescriptionIndex, long Position, int SizeBytes, long DecodeTicks, uint DurationTicks, int CompositionOffset, bool IsSync)
{
    public long End => Position + SizeBytes;
}

/// <summary>The samples of one fragment in the order in which their bytes come.</summary>
internal sealed class FragmentPlan
{
    /// <summary>Samples of one fragment; a minute of 48 kHz audio has 2813. A bound for runs that take no bytes to claim them.</summary>
    private const int MostSamples = 1 << 16;

    private readonly List<FragmentRun> _runs = [];
    private readonly ReusableList<PlannedSample> _samples = new();
    private readonly Dictionary<uint, long> _decodeTicks = [];
    private readonly Dictionary<uint, (long Start, long End)> _spans = [];
    private int _next;

    /// <summary>Samples that have not been passed.</summary>
    public int Left => _samples.Count - _next;

    /// <summary>The sample whose bytes come next; there must be one left.</summary>
    public ref readonly PlannedSample Next => ref _samples.Span[_next];

    /// <summary>All samples of the fragment.</summary>
    public ReadOnlySpan<PlannedSample> Samples => _samples.Span;

    /// <summary>Goes on to the sample after the next.</summary>
    public void Pass() => _next++;

    /// <summary>Forgets the fragment; the decode times that follow from it stay.</summary>
    public void Clear()
    {
        _samples.Clear();
        _next = 0;
    }

    /// <summary>From the first decode time to the end of the last sample of a track, in the fragments since the last
    /// <see cref="BeginSegment"/>; null when there was none.</summary>
    public (long Start, long End)? SpanOf(uint trackId) => _spans.TryGetValue(trackId, out var span) ? span : null;

    /// <summary>What comes is of another segment.</summary>
    public void BeginSegment() => _spans.Clear();

    /// <summary>Forgets everything: what comes belongs to other tracks.</summary>
    public void Forget()
    {
        Clear();
        _decodeTicks.Clear();
    }

    /// <summary>Reads the header of a fragment.</summary>
    /// <param name="moof">Its body.</param>
    /// <param name="start">Offset of the whole box in the stream.</param>
    /// <param name="extends">Defaults of the tracks that are wanted.</param>
    /// <returns>Why it cannot be read, in words for a person, or null.</returns>
    public string? Read(ReadOnlyMemory<byte> moof, long start, IReadOnlyDictionary<uint, TrackExtendsBox> extends)
    {
        Clear();
        _runs.Clear();
        var problem = FragmentRun.Collect(moof, start, id => extends.TryGetValue(id, out var trex) ? trex : null, _runs);
        foreach (var run in _runs)
        {
            problem ??= Add(run);
        }

        return problem ?? Order(start + moof.Length);
    }

    private string? Add(FragmentRun run)
    {
        var position = run.Start;
        var decode = run.DecodeTicks ?? _decodeTicks.GetValueOrDefault(run.TrackId);
        while (run.Box.TryRead(out var sample))
        {
            if (_samples.Count == MostSamples || sample.Size > SampleReader.LargestSample
                || decode > long.MaxValue - sample.Duration || position > long.MaxValue - sample.Size)
            {
                return "a fragment that claims too much";
            }

            _samples.Add(new PlannedSample(
                run.TrackId, run.DescriptionIndex, position, (int)sample.Size, decode, sample.Duration, sample.CompositionOffset, sample.IsSync));
            position += sample.Size;
            decode += sample.Duration;
        }

        var start = run.DecodeTicks ?? _decodeTicks.GetValueOrDefault(run.TrackId);
        _spans[run.TrackId] = SpanOf(run.TrackId) is { } known ? (known.Start, Math.Max(known.End, decode)) : (start, decode);
        _decodeTicks[run.TrackId] = decode;
        return null;
    }

    /// <summary>Runs may stand in any order in the header; their bytes come in the order of their places.</summary>
    private string? Order(long leastPosition)
    {
        var samples = _samples.Items;
        var isSorted = true;
        for (var i = 1; i < samples.Length; i++)
        {
            isSorted &= samples[i - 1].Position <= samples[i].Position;
        }

        if (!isSorted)
        {
            samples.Sort(static (a, b) => a.Position != b.Position ? a.Position.CompareTo(b.Position) : a.SizeBytes.CompareTo(b.SizeBytes));
        }

        for (var i = 0; i < samples.Length; i++)
        {
            if (samples[i].Position < (i == 0 ? leastPosition : samples[i - 1].End))
            {
                return i == 0 ? "a fragment's samples lie outside its data (mdat)" : "a fragment's samples overlap each other";
            }
        }

        return null;
    }
}
