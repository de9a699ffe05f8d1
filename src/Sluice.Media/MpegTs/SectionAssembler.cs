using System.Buffers.Binary;

namespace Sluice.Media.MpegTs;

/// <summary>What is done with a section that came whole; its bytes are valid during the call.</summary>
internal delegate void SectionTaken(ReadOnlySpan<byte> section);

/// <summary>Puts the sections of one PID together (ISO/IEC 13818-1 section 2.4.4), of tables that have 1024 bytes at most.</summary>
internal sealed class SectionAssembler(SectionTaken taken)
{
    private const int MostBytes = 1024;
    private const int HeadBytes = 3;
    private const byte Stuffing = 0xFF;

    private readonly byte[] _section = new byte[MostBytes];
    private int _count;
    private bool _isOpen;

    /// <summary>Takes the payload of one packet.</summary>
    /// <param name="payload">Of the packet.</param>
    /// <param name="isStart">payload_unit_start_indicator: it has a pointer_field.</param>
    public void Take(ReadOnlySpan<byte> payload, bool isStart)
    {
        if (!isStart)
        {
            Append(payload);
            return;
        }

        if (payload.IsEmpty || payload[0] >= payload.Length)
        {
            _isOpen = false;
            return;
        }

        Append(payload.Slice(1, payload[0]));
        for (var rest = payload[(1 + payload[0])..]; !rest.IsEmpty && rest[0] != Stuffing;)
        {
            (_count, _isOpen) = (0, true);
            rest = rest[Append(rest)..];
        }
    }

    /// <summary>Answers how many bytes belonged to the section that is open.</summary>
    private int Append(ReadOnlySpan<byte> bytes)
    {
        var used = 0;
        while (_isOpen && used < bytes.Length)
        {
            var wanted = _count < HeadBytes ? HeadBytes : HeadBytes + (BinaryPrimitives.ReadUInt16BigEndian(_section.AsSpan(1)) & 0xFFF);
            if (wanted > MostBytes)
            {
                _isOpen = false;
                return bytes.Length;
            }

            var count = Math.Min(wanted - _count, bytes.Length - used);
            bytes.Slice(used, count).CopyTo(_section.AsSpan(_count));
            used += count;
            _count += count;
            if (_count == wanted && (wanted > HeadBytes || IsEmptySection()))
            {
                _isOpen = false;
                Finish();
            }
        }

        return _isOpen || used > 0 ? used : bytes.Length;
    }

    private bool IsEmptySection() => (BinaryPrimitives.ReadUInt16BigEndian(_section.AsSpan(1)) & 0xFFF) == 0;

    /// <summary>The checksum over a section with its CRC_32 is 0 (annex A).</summary>
    private void Finish()
    {
        var section = _section.AsSpan(0, _count);
        if (Crc32Mpeg.Of(section) == 0)
        {
            taken(section);
        }
    }
}
