using Sluice.Media.Binary;
using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;
using RandomAccess = Sluice.Media.Codecs.RandomAccess;

namespace Sluice.Media.Cmaf;

/// <summary>
/// Decides of each sample whether a segment begins at it, and hands the samples on. A picture is cut where its own bytes say that
/// decoding can start, sound where the picture is.
/// </summary>
/// <param name="source">The file.</param>
/// <param name="track">The track.</param>
/// <param name="description">Its sample description.</param>
/// <param name="options">How it is compiled.</param>
/// <param name="segment">Takes the samples.</param>
/// <param name="readsMedia">False to believe the tables and read no sample's bytes.</param>
internal sealed class TrackCutter(
    IByteSource source, MovieTrack track, SampleDescription description, TrackCompilerOptions options, SegmentAssembly segment, bool readsMedia)
{
    /// <summary>Bytes of a sample that are read to learn whether decoding can start there.</summary>
    private const int PrefixBytes = 4096;

    private readonly byte[] _prefix = new byte[readsMedia ? PrefixBytes : 0];
    private readonly bool _isVideo = track.Kind == TrackKind.Video;
    private CutTable? _cuts;

    /// <summary>The sync samples that the tables name are no help; each sample is asked.</summary>
    public required bool AsksEverySample { get; init; }

    /// <summary>Where segments began, for tracks that follow.</summary>
    public LeadingCuts Cuts { get; } = new(track.Timescale);

    /// <summary>Every segment so far can be decoded alone.</summary>
    public bool IsIndependent { get; private set; } = true;

    /// <summary>Of the next sample it can be decided whether a segment begins there; not so while the leader's next cut is unknown.</summary>
    public bool CanDecide => _isVideo || _cuts is null || _cuts.IsSettled;

    /// <summary>Begins the first segment.</summary>
    /// <param name="startTicks">The earliest presentation time, which need not be that of the first sample in decode order.</param>
    /// <param name="endTicks">Where the track ends; null as long as nobody knows.</param>
    /// <param name="sample">The first sample.</param>
    /// <param name="made">What its segment says of it.</param>
    /// <param name="decodeTicks">Its decode time.</param>
    public void Begin(long startTicks, long? endTicks, in MediaSample sample, SegmentSample made, long decodeTicks)
    {
        var answer = Ask(sample);
        IsIndependent &= answer != RandomAccess.None;
        _cuts = _isVideo
            ? CutTable.Leading(track.Timescale, options.TargetSeconds, startTicks)
            : CutTable.Following(track.Timescale, options.TargetSeconds, startTicks, endTicks, Leader());
        Open(startTicks, decodeTicks);
        segment.Add(made with { IsSync = Opens(answer, sample) }, sample.Offset);
    }

    /// <summary>Takes the next sample.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="made">What its segment says of it.</param>
    /// <param name="presentationTicks">When it is presented.</param>
    /// <param name="decodeTicks">When it is decoded.</param>
    public void Add(in MediaSample sample, SegmentSample made, long presentationTicks, long decodeTicks)
    {
        var isSync = sample.IsSync;
        if (BeginsSegment(sample, presentationTicks, made.DurationTicks, ref isSync))
        {
            segment.Close(presentationTicks);
            Cuts.Add(presentationTicks);
            Open(presentationTicks, decodeTicks);
        }
        else if (presentationTicks < segment.StartTicks)
        {
            IsIndependent = false; // A leading picture: it needs frames of the segment before.
        }

        segment.Add(made with { IsSync = isSync }, sample.Offset);
    }

    /// <summary>The track's end has become known.</summary>
    public void EndsAt(long endTicks) => _cuts?.EndsAt(endTicks);

    private void Open(long startTicks, long decodeTicks)
    {
        _cuts!.Cut(startTicks);
        segment.Open(startTicks, decodeTicks);
    }

    private LeadingCuts Leader() =>
        options.Following?.Cuts ?? (options.Leader is { } done ? LeadingCuts.Of(done.Segments, done.Timescale) : LeadingCuts.None);

    private bool BeginsSegment(in MediaSample sample, long presentation, uint duration, ref bool isSync)
    {
        if (!_isVideo)
        {
            return _cuts!.FollowsHere(presentation) && presentation > segment.StartTicks;
        }

        if (AsksEverySample)
        {
            isSync = Opens(Ask(sample), sample);
        }

        if (!isSync || presentation <= segment.StartTicks || !_cuts!.IsDue(presentation, duration))
        {
            return false;
        }

        isSync = AsksEverySample || Opens(Ask(sample), sample);
        return isSync;
    }

    /// <summary>What the sample's own bytes say.</summary>
    private RandomAccess Ask(in MediaSample sample)
    {
        if (!_isVideo)
        {
            return RandomAccess.Idr;
        }

        if (!readsMedia)
        {
            return RandomAccess.Unknown;
        }

        var prefix = _prefix.AsSpan(0, Math.Min(PrefixBytes, sample.SizeBytes));
        var read = source.Read(sample.Offset, prefix);
        return description.Classify(prefix[..Math.Max(0, read)]);
    }

    /// <summary>Whether decoding can start at a sample; the container is believed only where its bytes do not tell.</summary>
    private bool Opens(RandomAccess answer, in MediaSample sample) => answer switch
    {
        RandomAccess.Idr => true,
        RandomAccess.OpenGop => true, // Leading pictures, if any follow, clear the independence flag.
        RandomAccess.None => false,
        _ => sample.IsSync || (AsksEverySample && !readsMedia),
    };
}
