using Sluice.Media.Binary;

namespace Sluice.Media.Matroska;

/// <summary>The elements of a Segment that matter, as they are found: in the head of the file, then where its SeekHead says.</summary>
internal sealed class MatroskaHead
{
    private const int MostHeadElements = 64;
    private const int MostElementBytes = 32 << 20;

    private readonly Dictionary<uint, long> _seeks = [];

    public long Length { get; private set; }

    public long SegmentBody { get; private set; }

    public long FirstCluster { get; private set; } = -1;

    public uint Timescale { get; private set; } = 1000;

    public long Duration { get; private set; }

    public string? Title { get; private set; }

    public List<MatroskaTrack>? Tracks { get; private set; }

    public byte[]? Cues { get; private set; }

    public string? ReadHead(IByteSource source)
    {
        Length = source.Length;
        var window = new ByteWindow(source, 0, source.Length);
        if (!EbmlElement.TryRead(window, out var ebml) || ebml.Id != MatroskaId.Ebml || ebml.BodyBytes is not (>= 0 and < 4096))
        {
            return "it is no Matroska or WebM file";
        }

        window.SeekTo(ebml.End!.Value);
        if (!EbmlElement.TryRead(window, out var segment) || segment.Id != MatroskaId.Segment)
        {
            return "its Segment is missing";
        }

        SegmentBody = segment.BodyOffset;
        for (var i = 0; i < MostHeadElements && EbmlElement.TryRead(window, out var element); i++)
        {
            if (element.Id == MatroskaId.Cluster)
            {
                FirstCluster = element.Offset;
                return null;
            }

            if (element.End is not { } end || end > Length || !Take(source, element))
            {
                return "its head is damaged or cut off";
            }

            window.SeekTo(end);
        }

        return "it has no frames (no Cluster)";
    }

    public string? ReadBehind(IByteSource source)
    {
        foreach (var id in (ReadOnlySpan<uint>)[MatroskaId.Info, MatroskaId.Tracks, MatroskaId.Cues])
        {
            if (!Has(id) && _seeks.TryGetValue(id, out var at) && at < Length)
            {
                var window = new ByteWindow(source, at, Length - at);
                if (EbmlElement.TryRead(window, out var element) && element.Id == id && element.End <= Length)
                {
                    Take(source, element);
                }
            }
        }

        return Tracks is null ? "it does not describe its tracks"
            : Cues is null ? "it has no index of its keyframes (Cues)"
            : null;
    }

    private bool Has(uint id) => id switch
    {
        MatroskaId.Tracks => Tracks is not null,
        MatroskaId.Cues => Cues is not null,
        _ => Duration > 0,
    };

    /// <summary>Reads an element that matters; others are stepped over.</summary>
    private bool Take(IByteSource source, EbmlElement element)
    {
        if (element.Id is not (MatroskaId.SeekHead or MatroskaId.Info or MatroskaId.Tracks or MatroskaId.Cues))
        {
            return true;
        }

        if (element.BodyBytes > MostElementBytes)
        {
            return false;
        }

        var body = new byte[element.BodyBytes!.Value];
        if (!source.TryFill(element.BodyOffset, body))
        {
            return false;
        }

        switch (element.Id)
        {
            case MatroskaId.SeekHead: ReadSeeks(body); break;
            case MatroskaId.Info: ReadInfo(body); break;
            case MatroskaId.Tracks: Tracks ??= MatroskaTrackReader.Read(body); break;
            default: Cues ??= body; break;
        }

        return true;
    }

    private void ReadSeeks(ReadOnlySpan<byte> body)
    {
        var seeks = new EbmlChildren(body);
        while (seeks.Next())
        {
            ulong id = 0, position = ulong.MaxValue;
            var fields = new EbmlChildren(seeks.Body);
            while (seeks.Id == MatroskaId.Seek && fields.Next())
            {
                switch (fields.Id)
                {
                    case MatroskaId.SeekId: id = fields.UInt; break;
                    case MatroskaId.SeekPosition: position = fields.UInt; break;
                    default: break;
                }
            }

            if (position != ulong.MaxValue)
            {
                _seeks.TryAdd((uint)id, SegmentBody + Bounded(position));
            }
        }
    }

    private void ReadInfo(ReadOnlySpan<byte> body)
    {
        var (scale, duration) = (1_000_000UL, 0.0);
        var children = new EbmlChildren(body);
        while (children.Next())
        {
            switch (children.Id)
            {
                case MatroskaId.TimestampScale: scale = Math.Max(1, children.UInt); break;
                case MatroskaId.Duration: duration = children.Float; break;
                case MatroskaId.Title: Title = children.Text is { Length: > 0 } title ? title : null; break;
                default: break;
            }
        }

        Timescale = (uint)Math.Clamp(1_000_000_000 / scale, 1, 1_000_000_000);
        Duration = duration is > 0 and < 1e15 ? (long)Math.Round(duration) : 0;
    }

    /// <summary>A number that can be added to others.</summary>
    internal static long Bounded(ulong value) => (long)Math.Min(value, long.MaxValue / 4);
}
