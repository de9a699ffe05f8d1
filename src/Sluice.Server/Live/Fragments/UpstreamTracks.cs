using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;
using Sluice.Media.Remux;
using Sluice.Server.Live.Channels;
using Sluice.Server.Live.Output;

namespace Sluice.Server.Live.Fragments;

/// <summary>
/// Decides what live HLS lists of an upstream, as it becomes known what it sends. Fragments are listed as they are when all of it is
/// fragments; else the transport stream that they are muxed into. What the first upstream of a feed decides stays, but that fragments
/// may give way to the transport stream, which has all of every upstream.
/// </summary>
/// <param name="feed">Whose tracks these are.</param>
/// <param name="isAudioApart">Audio has a playlist of its own, of which something has to be known first.</param>
internal sealed class UpstreamTracks(LiveFeed feed, bool isAudioApart)
{
    private readonly Lock _gate = new();
    private LiveTrack? _main;
    private LiveTrack? _audio;
    private readonly long _firstTs = feed.NextTs;
    private bool _isAudioApart = isAudioApart;
    private bool _isTransport;

    /// <summary>Fragments of such an upstream are listed, or can go on in those that are.</summary>
    public bool TakesFragments =>
        feed.Tracks.All is not [var listed, ..] || (listed.Maps is not null && feed.Tracks.All.Count == (_isAudioApart ? 2 : 1));

    /// <summary>A part of it is no fragments, or they do not go on in those that are listed.</summary>
    public void SetTransport()
    {
        lock (_gate)
        {
            _isTransport = true;
            Tell();
        }
    }

    /// <summary>The playlist of the audio has brought none: players get the media playlist alone, and keep it.</summary>
    public void SetNoAudio()
    {
        lock (_gate)
        {
            _isAudioApart &= _audio is not null;
            Tell();
        }
    }

    /// <summary>The media playlist is fragments.</summary>
    public void SetMain(FragmentLog log, FragmentUnits units)
    {
        lock (_gate)
        {
            var video = units.Descriptions.FirstOrDefault(static d => d.Kind == TrackKind.Video);
            _main = new LiveTrack("v", log.Log)
            {
                Maps = log.Maps,
                Codecs = CodecsOf(units),
                Resolution = video is { CodedWidth: > 0, CodedHeight: > 0 } ? (video.CodedWidth, video.CodedHeight) : null,
            };
            Tell();
        }
    }

    /// <summary>The playlist of the audio is fragments.</summary>
    public void SetAudio(FragmentLog log, FragmentUnits units)
    {
        lock (_gate)
        {
            _audio = new LiveTrack("a", log.Log) { Maps = log.Maps, Codecs = CodecsOf(units), Language = units.AudioLanguage };
            Tell();
        }
    }

    private static string? CodecsOf(FragmentUnits units) =>
        units.Descriptions is [_, ..] all ? string.Join(',', all.Select(static d => d.Codecs).Distinct(StringComparer.Ordinal)) : null;

    private void Tell()
    {
        if (_isTransport)
        {
            feed.ListTs(_firstTs);
        }
        else if (_main is { } main && (!_isAudioApart || _audio is not null))
        {
            feed.Tracks.Set(_isAudioApart ? [main, _audio!] : [main]);
        }
    }
}
