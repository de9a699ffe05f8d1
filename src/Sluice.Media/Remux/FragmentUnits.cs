using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;

namespace Sluice.Media.Remux;

/// <summary>
/// Takes the segments of a live fragmented MP4 apart into elementary streams, as their bytes come.
/// <code>
///   Open ──▶ the first track with video, the first with audio
///   Write ──▶ FragmentStream ──▶ sample ──▶ SampleToUnit ──▶ sink        edit lists and timescales become one clock of 90 kHz
/// </code>
/// </summary>
/// <param name="sink">What takes the units.</param>
/// <param name="mostUnitBytes">A sample larger than this is none that is sent live, and ends its segment.</param>
public sealed class FragmentUnits(IEsSink sink, int mostUnitBytes = 32 << 20)
{
    private readonly FragmentStream _stream = new() { LargestSample = mostUnitBytes };
    private readonly List<FragmentTrack> _tracks = [];
    private MovieTrack? _lead;
    private long _segment;
    private bool _isBreak;

    /// <summary>Why the streams cannot be taken apart, in words for a person; null while they can.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Why what is left of this segment was left out; null while all is well.</summary>
    public string? Problem => _stream.Problem;

    /// <summary>Samples that were announced and did not come.</summary>
    public long LostSamples => _stream.LostSamples;

    /// <summary>Bytes of a sample that has not come whole.</summary>
    public int HeldBytes => _stream.HeldBytes;

    /// <summary>What the init segment has of streams, whether they can be taken apart or not.</summary>
    public IReadOnlyList<SampleDescription> Descriptions { get; private set; } = [];

    /// <summary>Language of the audio, ISO 639-2/T or BCP 47; null when it is not said.</summary>
    public string? AudioLanguage => _stream.Tracks.FirstOrDefault(static t => t.Kind == TrackKind.Audio)?.Language;

    /// <summary>From where to where this segment goes, 90 kHz, as far as its fragments have been announced: by its video, or without
    /// any by its audio. Null before the first.</summary>
    public (long StartTicks, long EndTicks)? SegmentSpan => _lead is { } lead && _stream.SpanOf(lead.Id) is var (start, end)
        ? (Ticks.Rescale(start, lead.Timescale, 90_000), Ticks.Rescale(end, lead.Timescale, 90_000))
        : null;

    /// <summary>Takes an init segment, the first or another.</summary>
    /// <param name="init"><c>ftyp</c> and <c>moov</c>.</param>
    /// <param name="takesVideo">False to leave video out.</param>
    /// <param name="takesAudio">False to leave audio out, because it comes from elsewhere.</param>
    public void Open(ReadOnlyMemory<byte> init, bool takesVideo, bool takesAudio)
    {
        _tracks.Clear();
        Refusal = _stream.TryOpen(init, out var reason) ? null : $"its init segment: {reason}";
        Descriptions = [.. _stream.Tracks.Select(Describe).OfType<SampleDescription>()];
        _lead = Playable(TrackKind.Video) ?? Playable(TrackKind.Audio);
        Add(TrackKind.Video, takesVideo);
        Add(TrackKind.Audio, takesAudio);
        Refusal ??= _tracks.Count == 0 ? "its init segment has no track that is wanted" : null;
        Tell();
    }

    /// <summary>The next byte is the first of another segment.</summary>
    /// <param name="segment">Its number.</param>
    /// <param name="isBreak">It does not go on where the last one ended.</param>
    public void BeginSegment(long segment, bool isBreak)
    {
        _stream.Restart();
        _segment = segment;
        _isBreak |= isBreak;
    }

    /// <summary>Takes the next bytes of the segment, without init segments.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        // Times are read whether anything can be done with the samples or not.
        while (_stream.TryTake(ref bytes, out var sample))
        {
            if (Refusal is null && Find(sample.TrackId) is { } track)
            {
                Hand(track, sample);
            }
        }
    }

    private void Hand(FragmentTrack track, in StreamSample sample)
    {
        var before = track.Format;
        if (!track.TryUse(sample.DescriptionIndex, out var reason))
        {
            Refusal = reason;
            return;
        }

        if (before != track.Format)
        {
            Tell();
        }

        // A break is told with the stream that leads.
        var isBreak = _isBreak && track == _tracks[0];
        var unit = track.UnitOf(sample, _stream.LeastOffset(sample.TrackId), _segment, isBreak);
        var bytes = track.Convert(sample, unit.IsSync);
        if (!bytes.IsEmpty)
        {
            _isBreak &= !isBreak;
            sink.Take(track.IsVideo, unit, bytes);
        }
    }

    private void Add(TrackKind kind, bool isWanted)
    {
        if (!isWanted || Refusal is not null || Playable(kind) is not { } found)
        {
            return;
        }

        var track = FragmentTrack.TryCreate(found, _stream.MovieTimescale, out var reason);
        Refusal = reason;
        if (track is not null)
        {
            _tracks.Add(track);
        }
    }

    private MovieTrack? Playable(TrackKind kind) => _stream.Tracks.FirstOrDefault(t => t.Kind == kind && t is { Problem: null, IsAuxiliary: false });

    private static SampleDescription? Describe(MovieTrack track) =>
        track.SampleEntries.Count > 0 ? SampleDescription.TryParse(track.SampleEntries[0], track.Kind) : null;

    private void Tell()
    {
        if (Refusal is null)
        {
            sink.Describe(_tracks.Find(static t => t.IsVideo)?.Format, _tracks.Find(static t => !t.IsVideo)?.Format);
        }
    }

    private FragmentTrack? Find(uint id)
    {
        foreach (var track in _tracks)
        {
            if (track.Id == id)
            {
                return track;
            }
        }

        return null;
    }
}
