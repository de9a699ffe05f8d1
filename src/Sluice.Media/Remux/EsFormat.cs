namespace Sluice.Media.Remux;

/// <summary>How an elementary stream is named in MPEG-TS (ISO/IEC 13818-1 section 2.4.4.9).</summary>
/// <param name="StreamType">stream_type.</param>
/// <param name="StreamId">stream_id of its PES packets.</param>
/// <param name="Descriptors">Descriptors that belong to it in the program map.</param>
public sealed record EsFormat(byte StreamType, byte StreamId, ReadOnlyMemory<byte> Descriptors)
{
    internal const byte VideoId = 0xE0;
    internal const byte AudioId = 0xC0;

    /// <summary>private_stream_1, which other people's audio is sent in.</summary>
    internal const byte PrivateId = 0xBD;

    internal static EsFormat Avc { get; } = new(0x1B, VideoId, default);

    internal static EsFormat Hevc { get; } = new(0x24, VideoId, Registration("HEVC"u8));

    internal static EsFormat Adts { get; } = new(0x0F, AudioId, default);

    internal static EsFormat Mpeg1Audio { get; } = new(0x03, AudioId, default);

    internal static EsFormat Mpeg2Audio { get; } = new(0x04, AudioId, default);

    /// <summary>ATSC A/52 annex A.</summary>
    internal static EsFormat Ac3 { get; } = new(0x81, PrivateId, Registration("AC-3"u8));

    /// <summary>ATSC A/52 annex G.</summary>
    internal static EsFormat Eac3 { get; } = new(0x87, PrivateId, Registration("EAC3"u8));

    /// <summary>MPEG audio, whose lower sampling rates came with MPEG-2.</summary>
    internal static EsFormat MpegAudio(int sampleRate) => sampleRate < 32000 ? Mpeg2Audio : Mpeg1Audio;

    /// <summary>Whether both are named alike.</summary>
    public bool Equals(EsFormat? other) => other is not null && StreamType == other.StreamType && StreamId == other.StreamId
        && Descriptors.Span.SequenceEqual(other.Descriptors.Span);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(StreamType, StreamId, Descriptors.Length);

    /// <summary>registration_descriptor (section 2.6.8).</summary>
    private static byte[] Registration(ReadOnlySpan<byte> name) => [5, 4, .. name];
}
