using Sluice.Media.Cmaf;

namespace Sluice.Server.Transcode;

/// <summary>What of a source is to be encoded. Times are seconds from the title's zero.</summary>
internal sealed record EncodeSource
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>The file is the repackaged one.</summary>
    public bool IsRemux { get; init; }

    /// <summary>See <see cref="EncodePlan.StartSeconds"/>.</summary>
    public double StartSeconds { get; init; }

    /// <summary>See <see cref="EncodePlan.StartsAtZero"/>.</summary>
    public bool StartsAtZero { get; init; }

    /// <summary>The picture, when it is to be encoded.</summary>
    public EncodedPicture? Video { get; init; }

    /// <summary>The sounds that are to be encoded.</summary>
    public IReadOnlyList<EncodedSound> Audio { get; init; } = [];

    /// <summary>Cut table of the picture that is copied; null when none is.</summary>
    public RenditionTable? Copied { get; init; }

    /// <summary>When the frames of the copied picture are shown; null when none is.</summary>
    public CopiedFrames? CopiedFrames { get; init; }

    /// <summary>Numbers of renditions that are taken by copied tracks.</summary>
    public int CopiedVideos { get; init; }

    /// <summary>Numbers of renditions that are taken by copied tracks.</summary>
    public int CopiedAudios { get; init; }

    /// <summary>Number of the first encoded rendition of the picture beyond those that are copied: others are taken.</summary>
    public int FirstVideo { get; init; }

    /// <summary>Number of the first encoded rendition of a sound beyond those that are copied: others are taken.</summary>
    public int FirstAudio { get; init; }

    /// <summary>How much is made of it.</summary>
    public EncodeManner Manner { get; init; } = EncodeManner.Library;

    /// <summary>Seconds that the copied tracks are later than in the source.</summary>
    public long OriginSeconds { get; init; } = 1;
}

/// <summary>A picture that is to be encoded.</summary>
/// <param name="Stream">ffmpeg's index of its stream.</param>
/// <param name="FrameRate">Frames in a second of the renditions.</param>
/// <param name="EndSeconds">When its last frame ends.</param>
/// <param name="Width">As shown, in square pixels.</param>
/// <param name="Height">As shown, in square pixels.</param>
/// <param name="IsInterlaced">It must be deinterlaced.</param>
/// <param name="IsHdr">It must be tone-mapped.</param>
/// <param name="Color">Its colours.</param>
/// <param name="IsOffered">Its own track is offered too, so nothing is encoded in its size.</param>
internal sealed record EncodedPicture(
    int Stream, Rational FrameRate, double EndSeconds, int Width, int Height, bool IsInterlaced, bool IsHdr, ColorTags Color, bool IsOffered)
{
    /// <summary>When its first frame is shown.</summary>
    public double StartSeconds { get; init; }

    /// <summary>ffmpeg's index of a subtitle stream of images that is drawn into it; null for none.</summary>
    public int? BurnedSubtitle { get; init; }
}

/// <summary>A sound that is to be encoded.</summary>
/// <param name="Stream">ffmpeg's index of its stream.</param>
/// <param name="SampleRate">Samples in a second.</param>
/// <param name="Channels">Channels.</param>
/// <param name="StartSeconds">When its first packet begins.</param>
/// <param name="EndSeconds">When its last packet ends.</param>
/// <param name="PacketSamples">Samples in a packet when all have as many; 0 when that is not known.</param>
/// <param name="Language">BCP 47 tag, or null.</param>
/// <param name="Name">Name of the track, or null.</param>
/// <param name="IsDefault">It is the one to be heard by default.</param>
internal sealed record EncodedSound(
    int Stream, int SampleRate, int Channels, double StartSeconds, double EndSeconds, int PacketSamples, string? Language, string? Name, bool IsDefault);
