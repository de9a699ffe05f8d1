namespace Sluice.Media.Manifests;

/// <summary>Subtitles as manifests offer them: one WebVTT file for the whole title.</summary>
public sealed record SubtitleTrack
{
    /// <summary>Unique among the asset's tracks, such as <c>s0</c>.</summary>
    public required string Id { get; init; }

    /// <summary>URI without a query: in HLS of the media playlist, in DASH of the file itself.</summary>
    public required string Uri { get; init; }

    /// <summary>BCP 47 tag, or null.</summary>
    public string? Language { get; init; }

    /// <summary>Shown to people, or null.</summary>
    public string? Name { get; init; }

    /// <summary>To be shown when the viewer has not chosen.</summary>
    public bool IsDefault { get; init; }

    /// <summary>Only what must be understood although the viewer knows the sound's language.</summary>
    public bool IsForced { get; init; }
}
