using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;

namespace Sluice.Media.Cmaf;

/// <summary>
/// The init segment of an encoded rendition, from the header that an encoder writes first. All chunks of a rendition share
/// one, so every later run of the encoder must pass <see cref="SampleDescription.HasSameConfiguration"/>.
/// </summary>
public static class RenditionInit
{
    /// <summary>What the encoder says of one of its tracks.</summary>
    /// <param name="track">A track of a <see cref="FragmentFeed"/>.</param>
    /// <param name="problem">Why there is no description, in words for a person, or null.</param>
    public static SampleDescription? Describe(MovieTrack track, out string? problem)
    {
        var description = track.SampleEntries.Count == 1 ? SampleDescription.TryParse(track.SampleEntries[0], track.Kind) : null;
        problem = track.Problem ?? (description is null ? "its sample description (stsd) is not one of video or audio" : description.Problem);
        return problem is null ? description : null;
    }

    /// <summary>The whole init segment.</summary>
    /// <param name="description">What <see cref="Describe"/> answered.</param>
    /// <param name="trackId">track_ID, from 1: the same as in all chunks.</param>
    /// <param name="timescale">Ticks in a second of all chunks.</param>
    /// <param name="language">ISO 639-2/T code or null.</param>
    /// <param name="width">Shown width in pixels; 0 for audio.</param>
    /// <param name="height">Shown height in pixels; 0 for audio.</param>
    public static byte[] Write(
        SampleDescription description, uint trackId, uint timescale, string? language = null, int width = 0, int height = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(width, (ushort)width);
        ArgumentOutOfRangeException.ThrowIfNotEqual(height, (ushort)height);
        return InitSegmentWriter.Write(new InitSegment(
            trackId, description.Kind, timescale, description.ToCmafSampleEntry(), language, default, (uint)width << 16, (uint)height << 16));
    }
}
