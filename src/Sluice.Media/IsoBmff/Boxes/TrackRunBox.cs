using Sluice.Media.Binary;

namespace Sluice.Media.IsoBmff.Boxes;

/// <summary>One sample of a run, defaults resolved.</summary>
/// <param name="Duration">Ticks.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Flags">Sample flags (section 8.8.3.1).</param>
/// <param name="CompositionOffset">Ticks, signed whatever the version says (writers get it wrong).</param>
public readonly record struct TrackRunSample(uint Duration, uint Size, uint Flags, int CompositionOffset)
{
    /// <summary>Bit 16 of the flags is "sample is non sync".</summary>
    public bool IsSync => (Flags & 0x10000) == 0;
}

/// <summary>TrackRunBox <c>trun</c> (ISO/IEC 14496-12 section 8.8.8), read sample by sample without a copy.</summary>
public sealed class TrackRunBox
{
    private readonly ReadOnlyMemory<byte> _samples;
    private readonly uint _flags;
    private readonly uint _firstFlags;
    private readonly TrackFragmentHeaderBox _defaults;
    private int _position;
    private uint _index;

    private TrackRunBox(
        ReadOnlyMemory<byte> samples, uint flags, uint firstFlags, uint count, int? dataOffset, TrackFragmentHeaderBox defaults)
    {
        _samples = samples;
        _flags = flags;
        _firstFlags = firstFlags;
        _defaults = defaults;
        SampleCount = count;
        DataOffset = dataOffset;
    }

    /// <summary>Samples in the run; backed by bytes, unless every field is a default.</summary>
    public uint SampleCount { get; }

    /// <summary>Start of the data from the base, or null when it follows the run before.</summary>
    public int? DataOffset { get; }

    /// <summary>Reads the head of the box; null when it claims more samples than it has bytes for, or samples without
    /// any size.</summary>
    public static TrackRunBox? TryParse(ReadOnlyMemory<byte> body, TrackFragmentHeaderBox defaults)
    {
        var reader = new SpanReader(body.Span);
        reader.Skip(1);
        var flags = reader.ReadUInt24();
        var count = reader.ReadUInt32();
        int? dataOffset = (flags & 0x1) != 0 ? reader.ReadInt32() : null;
        var firstFlags = (flags & 0x4) != 0 ? reader.ReadUInt32() : 0;
        var bytesPerSample = 4 * System.Numerics.BitOperations.PopCount(flags & 0xF00);
        var backed = bytesPerSample == 0 || count <= (uint)(reader.Remaining / bytesPerSample);
        var sized = (flags & 0x200) != 0 || defaults.Size > 0 || count == 0;
        return reader.Failed || !backed || !sized
            ? null
            : new TrackRunBox(body[reader.Position..], flags, firstFlags, count, dataOffset, defaults);
    }

    /// <summary>Steps to the next sample; false after the last.</summary>
    public bool TryRead(out TrackRunSample sample)
    {
        if (_index >= SampleCount)
        {
            sample = default;
            return false;
        }

        var reader = new SpanReader(_samples.Span[_position..]);
        var duration = (_flags & 0x100) != 0 ? reader.ReadUInt32() : _defaults.Duration;
        var size = (_flags & 0x200) != 0 ? reader.ReadUInt32() : _defaults.Size;
        var flags = (_flags & 0x400) != 0 ? reader.ReadUInt32()
            : _index == 0 && (_flags & 0x4) != 0 ? _firstFlags
            : _defaults.Flags;
        var offset = (_flags & 0x800) != 0 ? reader.ReadInt32() : 0;
        _position += reader.Position;
        _index++;
        sample = new TrackRunSample(duration, size, flags, offset);
        return true;
    }
}
