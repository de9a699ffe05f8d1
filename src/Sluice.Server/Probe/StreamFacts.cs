using Sluice.Media.Cmaf;

namespace Sluice.Server.Probe;

/// <summary>What a stream carries, as ffprobe says.</summary>
internal enum StreamKind
{
    /// <summary>Attachments, data, and what is not known.</summary>
    Other,

    /// <summary>Pictures, a cover too.</summary>
    Video,

    /// <summary>Sound.</summary>
    Audio,

    /// <summary>Subtitles, as text or as pictures.</summary>
    Text,
}

/// <summary>One stream of a source as ffprobe and a pass over its packets tell.</summary>
internal sealed record StreamFacts
{
    /// <summary>ffmpeg's index of it, as in <c>-map 0:1</c>.</summary>
    public required int Index { get; init; }

    /// <summary>The container's own number of it (track_ID, PID); null when it has none.</summary>
    public long? Id { get; init; }

    /// <summary>What it carries.</summary>
    public required StreamKind Kind { get; init; }

    /// <summary>ffmpeg's name of the codec, such as <c>h264</c>; empty when it is not known.</summary>
    public required string Codec { get; init; }

    /// <summary>Profile, such as <c>High</c>; empty when there is none.</summary>
    public string Profile { get; init; } = "";

    /// <summary>ffmpeg's name of the pixel format, such as <c>yuv420p10le</c>; empty when it is not known.</summary>
    public string PixelFormat { get; init; } = "";

    /// <summary>Bits in a luma sample; 0 when not known.</summary>
    public int BitDepth { get; init; }

    /// <summary>chroma_format_idc: 0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4 (or RGB).</summary>
    public int ChromaFormat { get; init; } = 1;

    /// <summary>Width as it is stored, in samples.</summary>
    public int Width { get; init; }

    /// <summary>Height as it is stored, in samples.</summary>
    public int Height { get; init; }

    /// <summary>Width over height of one sample.</summary>
    public Rational SampleAspectRatio { get; init; } = new(1, 1);

    /// <summary>Degrees by which the picture is to be turned clockwise for a viewer: 0, 90, 180 or 270.</summary>
    public int Rotation { get; init; }

    /// <summary>Pictures are coded as fields.</summary>
    public bool IsInterlaced { get; init; }

    /// <summary>Frames in a second of a grid on which no frame is lost, at most 120; null when it is not known.</summary>
    public Rational? FrameRate { get; init; }

    /// <summary>Frames do not lie on a grid: <see cref="FrameRate"/> is near the average, or above it.</summary>
    public bool IsVariableRate { get; init; }

    /// <summary>The reordering of frames, at most so many.</summary>
    public int ReorderedFrames { get; init; }

    /// <summary>ffmpeg's names of primaries, transfer, matrix and range; empty when not said.</summary>
    public StreamColor Color { get; init; } = new("", "", "", "");

    /// <summary>High dynamic range: PQ or HLG.</summary>
    public bool IsHdr => Color.Transfer is "smpte2084" or "arib-std-b67";

    /// <summary>Samples in a second; 0 for what is no sound.</summary>
    public int SampleRate { get; init; }

    /// <summary>Channels; 0 for what is no sound.</summary>
    public int Channels { get; init; }

    /// <summary>First presentation time in seconds, on the source's own timeline.</summary>
    public double StartSeconds { get; init; }

    /// <summary>End of the last packet in seconds, on the source's own timeline, measured; null when it was not.</summary>
    public double? EndSeconds { get; init; }

    /// <summary>BCP 47 tag, or null.</summary>
    public string? Language { get; init; }

    /// <summary>The file's own name of it, or null.</summary>
    public string? Title { get; init; }

    /// <summary>To be chosen when a viewer says nothing.</summary>
    public bool IsDefault { get; init; }

    /// <summary>Subtitles that are to be shown always.</summary>
    public bool IsForced { get; init; }

    /// <summary>A still picture beside sound: a record's sleeve.</summary>
    public bool IsCover { get; init; }

    /// <summary>Subtitles that are pictures.</summary>
    public bool IsImageText { get; init; }

    /// <summary>Samples are encrypted.</summary>
    public bool IsEncrypted { get; init; }

    /// <summary>Nothing of it lies in the beginning that was looked at. Said of beginnings alone.</summary>
    public bool IsLate { get; init; }

    /// <summary>ffmpeg may be asked to decode it.</summary>
    public bool IsDecodable { get; init; }
}

/// <summary>Colour of a stream, in ffmpeg's names such as <c>bt709</c>; empty when not said.</summary>
internal sealed record StreamColor(string Primaries, string Transfer, string Matrix, string Range);
