using Sluice.Media.Binary;

namespace Sluice.Media.Codecs;

/// <summary>sei_rbsp() of H.264 (section 7.3.2.3).</summary>
internal static class SupplementalInformation
{
    private const int RecoveryPoint = 6;
    private const int UsualBytes = 1024;

    /// <summary>True for a recovery point whose first picture is already exact (recovery_frame_cnt 0, D.2.7). One that
    /// needs more pictures to refresh is no place to start a segment.</summary>
    public static bool HasRecoveryPoint(ReadOnlySpan<byte> nal)
    {
        // Asked at every place where a segment may begin: no garbage for the usual lengths.
        var escaped = nal[1..];
        Span<byte> clean = escaped.Length <= UsualBytes ? stackalloc byte[UsualBytes] : new byte[escaped.Length];
        var reader = new SpanReader(clean[..NalUnits.Unescape(escaped, clean)]);
        while (reader.Remaining > 2)
        {
            var type = ReadExtended(ref reader);
            var size = ReadExtended(ref reader);
            var payload = reader.ReadBytes(Math.Min(size, reader.Remaining));
            if (type == RecoveryPoint)
            {
                var bits = new BitReader(payload);
                return bits.ReadUnsignedExpGolomb() == 0 && !bits.Failed;
            }
        }

        return false;
    }

    private static int ReadExtended(ref SpanReader reader)
    {
        var value = 0;
        byte next;
        do
        {
            next = reader.ReadUInt8();
            value += next;
        }
        while (next == 0xFF);

        return value;
    }
}
