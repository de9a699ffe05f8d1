using Sluice.Media.Cmaf;
using Sluice.Media.Codecs;
using Sluice.Media.Hls;
using Sluice.Media.IsoBmff;
using Sluice.Media.Manifests;
using Sluice.Media.MpegTs;

namespace Sluice.Server.Deliver;

/// <summary>A pairing of tracks that MPEG-TS can carry.</summary>
/// <param name="Name">Its name in URLs: <c>v0-a0</c>, <c>v0</c> or <c>a0</c>.</param>
/// <param name="Video">The H.264 track, or null.</param>
/// <param name="Audio">The AAC or MP3 track, or null.</param>
/// <param name="Program">What all of its segments share.</param>
internal sealed record TsRendition(string Name, StoredTrack? Video, StoredTrack? Audio, TsProgram Program)
{
    /// <summary>The rendition that a player gets which does not choose: the video with the first audio that TS carries.</summary>
    /// <param name="tracks">What is offered, video first.</param>
    public static TsRendition? Default(IReadOnlyList<StoredTrack> tracks)
    {
        var video = tracks.FirstOrDefault(t => t.Summary.Kind == TrackKind.Video);
        foreach (var audio in tracks.Where(t => t.Summary.Kind == TrackKind.Audio))
        {
            if (TryPair(video, audio) is { } pair)
            {
                return pair;
            }
        }

        // A film without its sound would be a poor answer; silent video is whole as it is.
        return tracks.Any(t => t.Summary.Kind == TrackKind.Audio) ? null : TryPair(video, null);
    }

    /// <summary>The rendition of that name, or null.</summary>
    public static TsRendition? Find(OpenAsset asset, string name)
    {
        var parts = name.Split('-');
        return parts switch
        {
            [var video, var audio] when asset.Find(video) is { Summary.Kind: TrackKind.Video } v
                && asset.Find(audio) is { Summary.Kind: TrackKind.Audio } a => TryPair(v, a),
            [var only] when asset.Find(only) is { } track =>
                track.Summary.Kind == TrackKind.Video ? TryPair(track, null) : TryPair(null, track),
            _ => null,
        };
    }

    /// <summary>Which CMAF segments make up each of its segments.</summary>
    public async ValueTask<TsPlanSegment[]> PlanAsync(CancellationToken ct)
    {
        SegmentTiming[] video = Video is null ? [] : await Video.ReadTimingsAsync(ct);
        SegmentTiming[] audio = Audio is null ? [] : await Audio.ReadTimingsAsync(ct);
        return TsPlan.Make(video, Video?.Summary.Timescale ?? 1, audio, Audio?.Summary.Timescale ?? 1);
    }

    /// <summary>Its media playlist.</summary>
    /// <param name="plan">Its segments.</param>
    /// <param name="uris">Where they are.</param>
    /// <param name="keyUri">Where their key is; null when they are not encrypted.</param>
    public ManifestTemplate Playlist(IEnumerable<TsPlanSegment> plan, SegmentUris uris, string? keyUri = null) => HlsMediaWriter.Write(
        [.. plan.Select(p => p.Timing)], TsPlan.Timescale, uris, Video?.Summary.IndependentSegments ?? true, keyUri: keyUri);

    private static TsRendition? TryPair(StoredTrack? video, StoredTrack? audio)
    {
        var program = TsProgram.TryCreate(video?.Description, audio?.Description, out _);
        return program is null
            ? null
            : new TsRendition(string.Join('-', new[] { video, audio }.OfType<StoredTrack>().Select(t => t.Summary.Id)), video, audio, program);
    }
}
