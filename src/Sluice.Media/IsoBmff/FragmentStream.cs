using Sluice.Media.Binary;
using Sluice.Media.IsoBmff.Boxes;

namespace Sluice.Media.IsoBmff;

/// <summary>
/// Reads the segments of a live fragmented MP4 while they come: bytes in as they arrive, each sample out as soon as its last byte is
/// there, long before its fragment is complete.
/// <code>
///   Open      ──▶ moov: Tracks
///   TryTake   ──▶ boxes ──▶ moof: which samples lie where
///                      └──▶ mdat: as it comes ──▶ sample           (all other boxes are stepped over)
///   Restart   ──▶ at every segment: what was not whole is forgotten
/// </code>
/// Damage ends the segment that it is in with a <see cref="Problem"/>, never with an exception. Memory: one <c>moof</c>, and one
/// sample where it does not lie in one piece.
/// </summary>
public sealed class FragmentStream
{
    /// <summary>Bytes; a live encoder's header of ten minutes stays far below.</summary>
    private const int LargestHeader = 4 << 20;

    private static readonly FourCc MoofType = "moof";
    private static readonly FourCc MdatType = "mdat";

    private readonly BoxFeed _boxes = new(static type => type == MoofType ? LargestHeader : type == MdatType ? BoxFeed.Open : 0);
    private readonly FragmentPlan _plan = new();
    private readonly Dictionary<uint, TrackExtendsBox> _extends = [];
    private byte[] _held = [];
    private int _heldBytes;

    /// <summary>Bytes; a picture larger than this is none that is sent live, and ends its segment.</summary>
    public int LargestSample { get; init; } = 32 << 20;

    /// <summary>Bytes of a sample that has not come whole.</summary>
    public int HeldBytes => _heldBytes;

    /// <summary>The tracks; empty before <see cref="TryOpen"/>.</summary>
    public IReadOnlyList<MovieTrack> Tracks { get; private set; } = [];

    /// <summary>Ticks in a second of the movie's timeline, in which edit lists measure.</summary>
    public uint MovieTimescale { get; private set; }

    /// <summary>Why nothing more of this segment comes, in words for a person; null while all is well.</summary>
    public string? Problem { get; private set; }

    /// <summary>Samples that a fragment announced and that did not come.</summary>
    public long LostSamples { get; private set; }

    /// <summary>Least of the composition offsets in the fragment whose samples come, of one track; 0 when none is negative.</summary>
    public int LeastOffset(uint trackId)
    {
        var least = 0;
        foreach (ref readonly var sample in _plan.Samples)
        {
            least = sample.TrackId == trackId ? Math.Min(least, sample.CompositionOffset) : least;
        }

        return least;
    }

    /// <summary>From the first decode time to the end of the last sample of a track, as the fragments of this segment say that were
    /// announced so far; in the track's timescale. Null when there was none.</summary>
    public (long Start, long End)? SpanOf(uint trackId) => _plan.SpanOf(trackId);

    /// <summary>Takes an init segment, the first or another.</summary>
    /// <param name="init"><c>ftyp</c> and <c>moov</c>.</param>
    /// <param name="reason">Why it is none, in words for a person; null when all is well.</param>
    /// <returns>False when it cannot be read; then all is as before.</returns>
    public bool TryOpen(ReadOnlyMemory<byte> init, out string? reason)
    {
        if (MovieReader.TryRead(new MemoryByteSource(init), out reason) is not { } movie)
        {
            return false;
        }

        _extends.Clear();
        foreach (var track in movie.Tracks)
        {
            _extends[track.Id] = new TrackExtendsBox(track.Id, 1, 0, 0, 0);
        }

        var boxes = new BoxReader(BoxReader.Find(BoxReader.Find(init.Span, "moov"), "mvex"));
        while (boxes.Next())
        {
            if (boxes.Type == TrexType && TrackExtendsBox.TryParse(boxes.Body, out var trex) && _extends.ContainsKey(trex.TrackId))
            {
                _extends[trex.TrackId] = trex;
            }
        }

        (Tracks, MovieTimescale) = (movie.Tracks, movie.Timescale);
        _plan.Forget();
        return true;
    }

    /// <summary>The next byte is the first of another segment.</summary>
    public void Restart()
    {
        Abandon();
        _plan.BeginSegment();
        _boxes.Restart();
        Problem = null;
    }

    /// <summary>Takes bytes up to the end of the next sample.</summary>
    /// <param name="bytes">What has come; what was taken is cut off its front.</param>
    /// <param name="sample">The sample.</param>
    /// <returns>False when all was taken, and no sample is whole.</returns>
    public bool TryTake(ref ReadOnlySpan<byte> bytes, out StreamSample sample)
    {
        while (Problem is null && !bytes.IsEmpty)
        {
            if (_boxes.BodyBytes > 0)
            {
                if (TryTakeData(ref bytes, out sample))
                {
                    return true;
                }
            }
            else if (_boxes.TryTake(ref bytes, out var box) && box.Type == MoofType)
            {
                Abandon();
                Problem = Tracks.Count == 0
                    ? "a fragment (moof) before the movie header (moov)"
                    : _plan.Read(box.Body, box.Start, _extends);
            }

            Problem ??= _boxes.Problem;
        }

        bytes = [];
        sample = default;
        return false;
    }

    /// <summary>Looks for the next sample in the data that came.</summary>
    private bool TryTakeData(scoped ref ReadOnlySpan<byte> bytes, out StreamSample sample)
    {
        sample = default;
        if (_plan.Left == 0)
        {
            PassBody(ref bytes, _boxes.BodyBytes);
            return false;
        }

        ref readonly var next = ref _plan.Next;
        var gap = next.Position - (_boxes.Position - _heldBytes);
        if (gap < 0 || next.SizeBytes > LargestSample)
        {
            Problem = gap < 0 ? "a fragment's samples lie outside its data (mdat)" : $"a sample of more than {LargestSample / 1024} KiB";
            return false;
        }

        if (gap > 0)
        {
            PassBody(ref bytes, Math.Min(gap, _boxes.BodyBytes));
            return false;
        }

        if (next.SizeBytes - _heldBytes > _boxes.BodyBytes)
        {
            Problem = "a fragment's samples lie outside its data (mdat)";
            return false;
        }

        var piece = PassBody(ref bytes, next.SizeBytes - _heldBytes);
        if (_heldBytes + piece.Length < next.SizeBytes || _heldBytes > 0)
        {
            Hold(piece);
            if (_heldBytes < next.SizeBytes)
            {
                return false;
            }

            piece = _held.AsSpan(0, _heldBytes);
            _heldBytes = 0;
        }

        sample = new StreamSample(next, piece);
        _plan.Pass();
        return true;
    }

    private ReadOnlySpan<byte> PassBody(scoped ref ReadOnlySpan<byte> bytes, long most)
    {
        var passed = bytes[..(int)Math.Min(most, bytes.Length)];
        bytes = bytes[passed.Length..];
        _boxes.PassBody(passed.Length);
        return passed;
    }

    private void Hold(ReadOnlySpan<byte> piece)
    {
        if (_heldBytes + piece.Length > _held.Length)
        {
            Array.Resize(ref _held, Math.Max(Math.Min(2 * _held.Length, LargestSample), _heldBytes + piece.Length));
        }

        piece.CopyTo(_held.AsSpan(_heldBytes));
        _heldBytes += piece.Length;
    }

    private void Abandon()
    {
        LostSamples += _plan.Left;
        _plan.Clear();
        _heldBytes = 0;
    }

    private static readonly FourCc TrexType = "trex";
}
