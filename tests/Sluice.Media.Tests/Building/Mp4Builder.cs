using Sluice.Media.Binary;
using Sluice.Media.IsoBmff;
using Sluice.Media.IsoBmff.Boxes;
using static Sluice.Media.Tests.Building.BoxWriting;

namespace Sluice.Media.Tests.Building;

/// <summary>How the header of <c>mdat</c> states its length.</summary>
internal enum DataLength
{
    /// <summary>32 bits.</summary>
    Plain,

    /// <summary>64 bits.</summary>
    Large,

    /// <summary>0: to the end of the file. Only for data that lies last.</summary>
    ToTheEnd,

    /// <summary>1000 bytes more than there are. Only for data that lies last.</summary>
    TooLong,
}

/// <summary>Builds MP4 files, also odd ones. Every track's chunks are interleaved in turn.</summary>
internal sealed class Mp4Builder
{
    private readonly List<TrackSpec> _tracks = [];
    private readonly List<byte[]> _first = [];
    private readonly List<byte[]> _inMovie = [];
    private uint _movieTimescale = 1000;
    private bool _movieLast;
    private bool _use64;
    private DataLength _dataLength;
    private int _samplesPerFragment;
    private int _samplesInHead;
    private FragmentBase _base;
    private bool _decodeTimes = true;

    public Mp4Builder Video(Action<TrackSpec> shape) => Track("vide", SampleEntries.Avc, 90000, shape);

    public Mp4Builder Audio(Action<TrackSpec> shape) => Track("soun", SampleEntries.Aac, 44100, shape);

    public Mp4Builder Metadata(Action<TrackSpec> shape) => Track("meta", SampleEntries.Metadata, 1000, shape);

    public Mp4Builder Track(FourCc handler, byte[] entry, uint timescale, Action<TrackSpec> shape)
    {
        var track = new TrackSpec((uint)_tracks.Count + 1, handler, entry, timescale);
        shape(track);
        _tracks.Add(track);
        return this;
    }

    public Mp4Builder MovieTimescale(uint value) => Do(() => _movieTimescale = value);

    public Mp4Builder MovieLast() => Do(() => _movieLast = true);

    public Mp4Builder Offsets64() => Do(() => _use64 = true);

    public Mp4Builder Data(DataLength length) => Do(() => _dataLength = length);

    /// <summary>Fragments of <paramref name="samples"/> samples of each track; the first <paramref name="inHead"/> stay in
    /// the movie's own tables (a partly fragmented file).</summary>
    public Mp4Builder Fragmented(int samples, int inHead = 0, FragmentBase dataBase = FragmentBase.Moof, bool decodeTimes = true) =>
        Do(() => (_samplesPerFragment, _samplesInHead, _base, _decodeTimes) = (samples, inHead, dataBase, decodeTimes));

    /// <summary>A box before all others but <c>ftyp</c>.</summary>
    public Mp4Builder First(byte[] box) => Do(() => _first.Add(box));

    /// <summary>A box inside <c>moov</c>, before the tracks.</summary>
    public Mp4Builder InMovie(byte[] box) => Do(() => _inMovie.Add(box));

    public IReadOnlyList<TrackSpec> Tracks => _tracks;

    public MemoryByteSource Source() => new(Build());

    public byte[] Build()
    {
        var heads = _tracks.Select(t => t.Samples.Take(_samplesPerFragment > 0 ? _samplesInHead : int.MaxValue).ToList()).ToList();
        byte[] start = [.. Box("ftyp", "isom"u8.ToArray(), new byte[4], "isomavc1"u8.ToArray()), .. _first.SelectMany(b => b)];
        var (data, chunks) = Interleave(heads);
        var headerBytes = _dataLength == DataLength.Large ? 16 : 8;
        var movieBytes = Movie(heads, chunks, 0).Length;
        var dataAt = start.Length + (_movieLast ? 0 : movieBytes) + headerBytes;
        var movie = Movie(heads, chunks, dataAt);
        byte[] mdat = heads.Any(h => h.Count > 0) || _samplesPerFragment == 0 ? [.. DataHeader(data.Length), .. data] : [];
        byte[] head = _movieLast ? [.. start, .. mdat, .. movie] : [.. start, .. movie, .. mdat];
        return _samplesPerFragment > 0 ? [.. head, .. Fragments(head.Length)] : head;
    }

    private Mp4Builder Do(Action change)
    {
        change();
        return this;
    }

    private byte[] DataHeader(int length)
    {
        var w = new SpanWriter();
        w.WriteUInt32(_dataLength switch
        {
            DataLength.Large => 1,
            DataLength.ToTheEnd => 0,
            DataLength.TooLong => (uint)length + 1008,
            _ => (uint)length + 8,
        });
        w.WriteBytes("mdat"u8);
        if (_dataLength == DataLength.Large)
        {
            w.WriteUInt64((ulong)length + 16);
        }

        return w.ToArray();
    }

    private byte[] Movie(List<List<SampleSpec>> heads, List<List<long>> chunks, long dataAt)
    {
        var mvhd = FullBox("mvhd", 0, 0, w =>
        {
            w.WriteZeros(8);
            w.WriteUInt32(_movieTimescale);
            w.WriteUInt32(0);
            w.WriteUInt32(0x10000);
            w.WriteUInt16(0x100);
            w.WriteZeros(10);
            w.WriteBytes(TrackHeaderBox.IdentityMatrix);
            w.WriteZeros(24);
            w.WriteUInt32((uint)_tracks.Count + 1);
        });
        var traks = _tracks.Select((t, i) => TrackBoxes.Trak(t, heads[i], [.. chunks[i].Select(c => c + dataAt)], _use64));
        byte[][] mvex = _samplesPerFragment > 0 ? [FragmentBoxes.MovieExtends(_tracks)] : [];
        return Box("moov", [mvhd, .. _inMovie, .. traks, .. mvex]);
    }

    /// <summary>Chunk by chunk, a track after the other, as muxers do.</summary>
    private (byte[] Data, List<List<long>> Chunks) Interleave(List<List<SampleSpec>> heads)
    {
        var data = new SpanWriter(1 << 16);
        var left = _tracks.Select((t, i) => new Queue<int>(TrackBoxes.Chunks(t, heads[i]))).ToList();
        var next = new int[_tracks.Count];
        var chunks = _tracks.Select(_ => new List<long>()).ToList();
        while (left.Any(q => q.Count > 0))
        {
            for (var t = 0; t < left.Count; t++)
            {
                if (!left[t].TryDequeue(out var count))
                {
                    continue;
                }

                chunks[t].Add(data.Length);
                for (var i = 0; i < count; i++)
                {
                    data.WriteBytes(heads[t][next[t]++].Payload);
                }
            }
        }

        return (data.ToArray(), chunks);
    }

    private byte[] Fragments(long at)
    {
        var all = new List<byte[]>();
        var next = _tracks.Select(t => Math.Min(_samplesInHead, t.Samples.Count)).ToArray();
        for (uint sequence = 1; _tracks.Select((t, i) => next[i] < t.Samples.Count).Any(more => more); sequence++)
        {
            var runs = new List<(TrackSpec, long?, List<SampleSpec>)>();
            for (var t = 0; t < _tracks.Count; t++)
            {
                var samples = _tracks[t].Samples.Skip(next[t]).Take(_samplesPerFragment).ToList();
                long decode = _tracks[t].Samples.Take(next[t]).Sum(s => s.Duration);
                if (samples.Count > 0)
                {
                    runs.Add((_tracks[t], _decodeTimes ? decode : null, samples));
                }

                next[t] += samples.Count;
            }

            var fragment = FragmentBoxes.Fragment(sequence, at, runs, _base);
            all.Add(fragment);
            at += fragment.Length;
        }

        return [.. all.SelectMany(f => f)];
    }
}
