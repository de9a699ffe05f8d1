using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;

namespace Sluice.Media.Matroska;

/// <summary>One track as the file's Tracks element has it (RFC 9559 section 5.1.4).</summary>
public sealed record MatroskaTrack
{
    internal MatroskaTrack()
    {
    }

    /// <summary>TrackNumber: blocks name it.</summary>
    public required ulong Number { get; init; }

    /// <summary>Video, audio or neither.</summary>
    public required TrackKind Kind { get; init; }

    /// <summary>Matroska's own name of the codec, e.g. <c>V_MPEG4/ISO/AVC</c>.</summary>
    public required string CodecName { get; init; }

    /// <summary>The codec in ISO's terms; null for one that is not copied from here into CMAF, <see cref="Problem"/> then says why.</summary>
    public SampleDescription? Description { get; internal init; }

    /// <summary>Why the track cannot be copied, in words for a person; null when it can.</summary>
    public string? Problem { get; internal init; }

    /// <summary>BCP 47 tag, or null when the file does not say.</summary>
    public string? Language { get; init; }

    /// <summary>Name that the file gives the track, or null.</summary>
    public string? Name { get; init; }

    /// <summary>FlagDefault: to be played when nobody chose.</summary>
    public bool IsDefault { get; init; }

    /// <summary>FlagForced: only what must be understood although the viewer knows the sound's language.</summary>
    public bool IsForced { get; init; }

    /// <summary>Nanoseconds of one frame; 0 when the file does not say.</summary>
    public ulong FrameNanoseconds { get; init; }

    /// <summary>Nanoseconds that the decoder puts out before the first that is to be heard; all timestamps are late by as much.</summary>
    public ulong DelayNanoseconds { get; init; }

    /// <summary>Bytes that were taken off the front of every frame (ContentCompAlgo 3); empty for none.</summary>
    public ReadOnlyMemory<byte> Stripped { get; init; }

    /// <summary>Every frame is a zlib stream (ContentCompAlgo 0), as muxers like to have subtitles.</summary>
    internal bool IsDeflated { get; init; }
}
