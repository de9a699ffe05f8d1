namespace Sluice.Media.Codecs;

/// <summary>Colour as code points of ITU-T H.273; 2 means "not specified".</summary>
/// <param name="Primaries">ColourPrimaries.</param>
/// <param name="Transfer">TransferCharacteristics.</param>
/// <param name="Matrix">MatrixCoefficients.</param>
/// <param name="FullRange">Samples use the full range (0 to 255 in 8 bits).</param>
public readonly record struct VideoColor(int Primaries, int Transfer, int Matrix, bool FullRange)
{
    /// <summary>Nothing is said: players take BT.709 (or BT.601 for small pictures), limited range.</summary>
    public static VideoColor Unspecified { get; } = new(2, 2, 2, false);

    /// <summary>VIDEO-RANGE of HLS (RFC 8216bis section 4.4.6.2): <c>PQ</c> for SMPTE ST 2084, <c>HLG</c> for ARIB
    /// STD-B67, else <c>SDR</c>.</summary>
    public string VideoRange => Transfer switch { 16 => "PQ", 18 => "HLG", _ => "SDR" };

    /// <summary>This colour, with what it leaves open taken from <paramref name="other"/>.</summary>
    internal VideoColor Or(VideoColor other) => this == Unspecified
        ? other
        : new VideoColor(
            Primaries == 2 ? other.Primaries : Primaries,
            Transfer == 2 ? other.Transfer : Transfer,
            Matrix == 2 ? other.Matrix : Matrix,
            FullRange);
}
