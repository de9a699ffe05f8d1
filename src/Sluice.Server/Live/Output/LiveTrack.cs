using Sluice.Server.Live.Channels;

namespace Sluice.Server.Live.Output;

/// <summary>A track of live HLS: a log whose segments are listed.</summary>
/// <param name="Name">In URLs: <c>ts</c> for MPEG-TS, <c>v</c> and <c>a</c> for fragments.</param>
/// <param name="Log">What holds it.</param>
internal sealed record LiveTrack(string Name, ChunkLog Log)
{
    /// <summary>The one track of a channel in MPEG-TS.</summary>
    public const string TsName = "ts";

    /// <summary>Init segments; null for a track that needs none, which is then MPEG-TS.</summary>
    public LiveMaps? Maps { get; init; }

    /// <summary>RFC 6381 codecs, comma-separated; null when they are not known.</summary>
    public string? Codecs { get; init; }

    /// <summary>Width and height in pixels; null when they are not known, or there is no picture.</summary>
    public (int Width, int Height)? Resolution { get; init; }

    /// <summary>For sound of its own: BCP 47 tag; null when it is not known.</summary>
    public string? Language { get; init; }

    /// <summary>For sound of its own: a name for people; null when there is none.</summary>
    public string? Label { get; init; }

    /// <summary>Number of the first segment of the log that is listed. What lies before was listed as another track.</summary>
    public long From { get; init; }

    /// <summary>What its numbers have above those of its log, beside the feed's first: they go on behind those of the tracks before it.</summary>
    public FeedNumbers Above { get; init; }

    /// <summary>Of a segment's file name, with its dot.</summary>
    public string Extension => Maps is null ? ".ts" : ".m4s";

    /// <summary>Media type of a segment.</summary>
    public string ContentType => Maps is null ? "video/mp2t" : "video/mp4";
}
