using Sluice.Media.Hls;

namespace Sluice.Server.Live;

/// <summary>What is known of an upstream when its first playlists were read.</summary>
/// <param name="HasMaps">Its segments name an init segment (EXT-X-MAP). Fragmented MP4 always does; MPEG-TS may.</param>
/// <param name="HasSeparateAudio">The variant's audio is a playlist of its own.</param>
/// <param name="Variant">What was chosen; null when the URL was a media playlist.</param>
/// <param name="TargetDuration">Of its media playlist.</param>
internal sealed record UpstreamShape(bool HasMaps, bool HasSeparateAudio, HlsVariant? Variant, TimeSpan TargetDuration);

/// <summary>
/// Where the segments of a channel go, one upstream after the other. Made once for a run of a channel; asked for sinks whenever an upstream begins to be
/// followed. The first segment of each comes with a break, unless it goes on exactly where the last one ended.
/// </summary>
internal interface ISegmentSinks
{
    /// <summary>What the segments turned out to be: <c>ts</c> or <c>fmp4</c>; null until the first bytes are there.</summary>
    string? Kind { get; }

    /// <summary>Bytes that were no media and were left out.</summary>
    long LostBytes { get; }

    /// <summary>Places where something was missing within a segment.</summary>
    long Losses { get; }

    /// <summary>Times that video went on without audio of its own playlist, which did not come.</summary>
    long TimesAlone => 0;

    /// <summary>Frames of such audio that came when its video had gone.</summary>
    long LateFrames => 0;

    /// <summary>For the media playlist.</summary>
    /// <exception cref="UpstreamRefusedException">Nothing can be made of such an upstream. The sink itself may say so too, as soon as it sees bytes.</exception>
    ISegmentSink Main(UpstreamShape shape);

    /// <summary>No audio has come of its playlist. The video does not wait with being shown.</summary>
    /// <param name="isForGood">None ever will.</param>
    void WithoutAudio(bool isForGood)
    {
    }

    /// <summary>Something went wrong here with what came: what waits is given up, and nothing of it is used for what comes next.</summary>
    void Abandon()
    {
    }

    /// <summary>No more will come from any upstream: what waits goes out.</summary>
    void Complete()
    {
    }

    /// <summary>For the playlist of the audio. It is written to from another thread than the main one.</summary>
    /// <returns>Null when that is not wanted: then it is not fetched.</returns>
    ISegmentSink? Audio(UpstreamShape shape);
}

/// <summary>Nothing can be made of what an upstream sends. The message is for a person.</summary>
internal sealed class UpstreamRefusedException(string reason) : Exception(reason);
