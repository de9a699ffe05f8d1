namespace Sluice.Media.Codecs;

/// <summary>What a sample's own bitstream says about starting to decode at it.</summary>
public enum RandomAccess
{
    /// <summary>Decoding cannot start here, whatever the container says.</summary>
    None,

    /// <summary>Closed: nothing from here on refers to what came before.</summary>
    Idr,

    /// <summary>Decoding can start here, but pictures shown before this one may refer to the past (HEVC CRA, H.264
    /// recovery point, AV1 delayed key frame).</summary>
    OpenGop,

    /// <summary>The bytes given do not reach the answer, or the codec is not known: believe the container.</summary>
    Unknown,
}
