namespace Sluice.Media.MpegTs;

/// <summary>Tells the type of a NAL unit.</summary>
internal delegate int NalTypeOf(ReadOnlySpan<byte> unit);

/// <summary>What differs between the NAL units of two codecs (H.264 table 7-1, H.265 table 7-1).</summary>
/// <param name="DelimiterUnit">An access unit delimiter, without start code.</param>
/// <param name="TypeOf">Reads nal_unit_type.</param>
/// <param name="IsKey">Whether slices of a type are those of a random access point.</param>
/// <param name="Delimiter">nal_unit_type of the delimiter.</param>
/// <param name="Sets">nal_unit_type of each kind of parameter set.</param>
internal sealed record NalRules(byte[] DelimiterUnit, NalTypeOf TypeOf, Func<int, bool> IsKey, int Delimiter, int[] Sets);
