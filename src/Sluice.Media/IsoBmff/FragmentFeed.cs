using Sluice.Media.Binary;
using Sluice.Media.IsoBmff.Boxes;

namespace Sluice.Media.IsoBmff;

/// <summary>
/// Reads a fragmented MP4 while an encoder writes it to a pipe: bytes in as they come, samples out as soon as the fragment
/// that holds them is complete. Damage ends it with a <see cref="Problem"/>, never with an exception.
/// <code>
///   Append ──► boxes ──► moov: Tracks
///                   ├──► moof: runs of samples, kept for the
///                   └──► mdat: cut into samples ──► TryRead          (all other boxes are stepped over)
/// </code>
/// Memory: one <c>moof</c> and its <c>mdat</c>, and the samples that have not been read.
/// </summary>
public sealed class FragmentFeed
{
    /// <summary>Bytes; a header longer than this is none that an encoder writes.</summary>
    public const int LargestHeader = 16 << 20;

    /// <summary>Bytes of one fragment's data: half a minute at 130 Mbit/s.</summary>
    public const int LargestData = 512 << 20;

    /// <summary>Samples of one fragment; a bound for runs that take no bytes to claim them.</summary>
    private const int MostSamples = 1 << 20;

    private readonly BoxFeed _boxes = new(LimitOf);
    private readonly Queue<FeedSample> _samples = new();
    private readonly List<FragmentRun> _runs = [];
    private readonly Dictionary<uint, TrackExtendsBox> _extends = [];
    private readonly Dictionary<uint, long> _decodeTicks = [];

    /// <summary>The tracks, once the <c>moov</c> has come; null before.</summary>
    public IReadOnlyList<MovieTrack>? Tracks { get; private set; }

    /// <summary>Why nothing more comes, in words for a person; null while all is well. Samples from before can still be read.</summary>
    public string? Problem { get; private set; }

    /// <summary>The stream stands at the end of a fragment, or of its header: where a writer that was not interrupted ends.</summary>
    public bool IsWhole => Problem is null && _boxes.IsBetweenBoxes && _runs.Count == 0;

    /// <summary>Takes the next bytes of the stream; any number of them.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (Problem is null && _boxes.TryTake(ref bytes, out var box))
        {
            Problem = box.Type == MoovType ? ReadMovie(box)
                : box.Type == MoofType ? ReadFragment(box)
                : ReadData(box);
        }

        Problem ??= _boxes.Problem;
    }

    /// <summary>The next sample, in the order of the stream; false when no more is complete yet.</summary>
    public bool TryRead(out FeedSample sample) => _samples.TryDequeue(out sample);

    private static int LimitOf(FourCc type) =>
        type == MoovType || type == MoofType ? LargestHeader : type == MdatType ? LargestData : 0;

    private string? ReadMovie(FedBox box)
    {
        if (Tracks is not null)
        {
            return "a second movie header (moov)";
        }

        if (MovieReader.TryRead(new MemoryByteSource(box.Whole), out var reason) is not { } movie)
        {
            return reason;
        }

        foreach (var track in movie.Tracks)
        {
            _extends[track.Id] = new TrackExtendsBox(track.Id, 1, 0, 0, 0);
        }

        var boxes = new BoxReader(BoxReader.Find(box.Body.Span, "mvex"));
        while (boxes.Next())
        {
            if (boxes.Type == TrexType && TrackExtendsBox.TryParse(boxes.Body, out var trex) && _extends.ContainsKey(trex.TrackId))
            {
                _extends[trex.TrackId] = trex;
            }
        }

        Tracks = movie.Tracks;
        return null;
    }

    private string? ReadFragment(FedBox box)
    {
        if (Tracks is null || _runs.Count > 0)
        {
            return Tracks is null ? "a fragment (moof) before the movie header (moov)" : "a fragment (moof) without data (mdat)";
        }

        return FragmentRun.Collect(
            box.Body, box.Start, id => _extends.TryGetValue(id, out var extends) ? extends : null, _runs);
    }

    private string? ReadData(FedBox box)
    {
        long bytes = 0;
        var count = 0;
        foreach (var run in _runs)
        {
            var position = run.Start - box.BodyStart;
            var decode = run.DecodeTicks ?? _decodeTicks.GetValueOrDefault(run.TrackId);
            while (run.Box.TryRead(out var sample))
            {
                bytes += sample.Size;
                if (position < 0 || position > box.Body.Length - sample.Size)
                {
                    return "a fragment's samples lie outside its data (mdat)";
                }

                if (bytes > box.Body.Length || ++count > MostSamples)
                {
                    return "a fragment's samples overlap each other";
                }

                if (decode > long.MaxValue - sample.Duration)
                {
                    return "a fragment's decode time (tfdt) is out of range";
                }

                _samples.Enqueue(new FeedSample(
                    run.TrackId, decode, sample.Duration, sample.CompositionOffset, sample.IsSync,
                    box.Body.Slice((int)position, (int)sample.Size)));
                position += sample.Size;
                decode += sample.Duration;
            }

            _decodeTicks[run.TrackId] = decode;
        }

        _runs.Clear();
        return null;
    }

    private static readonly FourCc MoovType = "moov";
    private static readonly FourCc MoofType = "moof";
    private static readonly FourCc MdatType = "mdat";
    private static readonly FourCc TrexType = "trex";
}
