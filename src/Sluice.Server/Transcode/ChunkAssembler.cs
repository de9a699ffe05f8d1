using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Media.IsoBmff;

namespace Sluice.Server.Transcode;

/// <summary>One chunk, finished.</summary>
/// <param name="Rendition">Id of the rendition.</param>
/// <param name="Number">From 1.</param>
/// <param name="Bytes">The whole CMAF segment.</param>
/// <param name="HeadBytes">Length of its head.</param>
internal sealed record FinishedChunk(string Rendition, int Number, byte[] Bytes, int HeadBytes);

/// <summary>What an assembler is to make.</summary>
/// <param name="Table">The rendition's cut table.</param>
/// <param name="TrackId">track_ID of the rendition.</param>
/// <param name="FirstNumber">First chunk of the run.</param>
/// <param name="EndNumber">Chunk after the last of the run.</param>
/// <param name="Dropped">Samples before the first chunk.</param>
/// <param name="TimesOf">Presentation times of the samples of a chunk, ascending, in the rendition's ticks.</param>
/// <param name="DelayTicks">By how much decoding comes before presentation at least.</param>
internal sealed record AssemblyOrder(
    RenditionTable Table, uint TrackId, int FirstNumber, int EndNumber, int Dropped, Func<int, long[]> TimesOf, long DelayTicks);

/// <summary>
/// Puts the samples of one encoded track together into chunks. Times are not the encoder's, which begin anew with each run,
/// but the cut table's: the encoder only tells in which order its frames are shown.
/// </summary>
internal sealed class ChunkAssembler(AssemblyOrder order)
{
    private readonly List<FeedSample> _samples = [];
    private readonly List<ReadOnlyMemory<byte>> _payloads = [];
    private int _dropped = order.Dropped;
    private long[]? _times;

    /// <summary>Id of the rendition.</summary>
    public string Rendition => order.Table.Summary.Id;

    /// <summary>The chunk in the making.</summary>
    public int NextNumber { get; private set; } = order.FirstNumber;

    /// <summary>Every chunk of the run was finished.</summary>
    public bool IsComplete => NextNumber >= order.EndNumber;

    /// <summary>Samples that the chunk in the making lacks.</summary>
    public int MissingFrames => IsComplete ? 0 : Times.Length - _samples.Count;

    /// <summary>Why the run is of no use, or null.</summary>
    public string? Problem { get; private set; }

    private long[] Times => _times ??= order.TimesOf(NextNumber);

    /// <summary>Why a track of the encoder does not belong to the rendition: its decoder configuration is another.</summary>
    public string? WhyUnfit(MovieTrack track) =>
        RenditionInit.Describe(track, out var problem) is not { } made
            ? $"the encoder's track for {Rendition} is of no use: {problem}"
            : order.Table.Description?.HasSameConfiguration(made) == true
                ? null
                : $"the encoder made another decoder configuration than before for {Rendition}";

    /// <summary>Takes the next sample in decode order; answers the chunk that it completes.</summary>
    public FinishedChunk? Add(in FeedSample sample)
    {
        if (_dropped > 0 || IsComplete || Problem is not null)
        {
            _dropped--;
            return null;
        }

        if (_samples.Count == 0 && order.Table.Summary.Kind == TrackKind.Video && !sample.IsSync)
        {
            Problem = $"the encoder set no key frame at the start of chunk {NextNumber} of {Rendition}";
            return null;
        }

        _samples.Add(sample);
        _payloads.Add(sample.Payload);
        return _samples.Count == Times.Length ? Finish() : null;
    }

    private FinishedChunk? Finish()
    {
        var times = Times;
        var number = NextNumber;
        var timing = order.Table.Timings[number - 1];
        var samples = new SegmentSample[times.Length];
        var shown = Ranks();
        for (var i = 0; i < samples.Length; i++)
        {
            var end = i + 1 < times.Length ? times[i + 1] : timing.StartTicks + timing.DurationTicks;
            var offset = times[shown[i]] - times[i] + order.DelayTicks;
            if (offset < 0)
            {
                Problem = $"the encoder reorders more frames than planned in chunk {number} of {Rendition}";
                return null;
            }

            samples[i] = new SegmentSample(_payloads[i].Length, (uint)(end - times[i]), (int)offset, _samples[i].IsSync);
        }

        var segment = new SpanWriter(1024 + (samples.Length * 16) + samples.Sum(s => s.SizeBytes));
        var headBytes = ChunkSegment.Write(segment, order.TrackId, number, times[0] - order.DelayTicks, samples, _payloads);
        _samples.Clear();
        _payloads.Clear();
        _times = null;
        NextNumber++;
        return new FinishedChunk(Rendition, number, segment.ToArray(), headBytes);
    }

    /// <summary>The place of each sample, in decode order, among all when they are shown.</summary>
    private int[] Ranks()
    {
        var shownAt = _samples.ConvertAll(s => s.DecodeTicks + s.CompositionOffset).ToArray();
        var decoded = Enumerable.Range(0, shownAt.Length).ToArray();
        Array.Sort(shownAt, decoded);
        var ranks = new int[decoded.Length];
        for (var rank = 0; rank < decoded.Length; rank++)
        {
            ranks[decoded[rank]] = rank;
        }

        return ranks;
    }
}
