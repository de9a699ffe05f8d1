using System.Text.Json.Serialization;

namespace Sluice.Server.Catalog;

/// <summary>What a title has beside picture and sound. The objects exist before this says so.</summary>
internal sealed record AssetExtras
{
    /// <summary>Nothing.</summary>
    public static AssetExtras None { get; } = new();

    /// <summary>There is a picture that stands for it.</summary>
    public bool HasPoster { get; init; }

    /// <summary>Small pictures of all of it; null when there are none.</summary>
    public StoryboardFacts? Storyboard { get; init; }

    /// <summary>Subtitles, those of the file first.</summary>
    public IReadOnlyList<Subtitle> Subtitles { get; init; } = [];

    /// <summary>Parts that its file names, in order.</summary>
    public IReadOnlyList<Chapter> Chapters { get; init; } = [];

    /// <summary>Whether viewers may have the file itself; null as configured.</summary>
    public bool? Downloads { get; init; }

    /// <summary>Track whose subtitles are to be drawn into the picture, as was asked for; null for none. <see cref="Asset.BurnedTrack"/> says which are.</summary>
    public int? BurnedTrack { get; init; }

    /// <summary>Number of the next subtitles: no name is ever used twice, so that what is cached under it stays true.</summary>
    public int NextSubtitle { get; init; }
}

/// <summary>A storyboard.</summary>
/// <param name="SheetCount">Sheets.</param>
/// <param name="IntervalSeconds">Pictures are at least so far apart.</param>
internal sealed record StoryboardFacts(int SheetCount, double IntervalSeconds);

/// <summary>Subtitles of a title: a WebVTT file for the whole of it.</summary>
/// <param name="Id">Name in URLs: <c>s0</c>, <c>s1</c>…</param>
/// <param name="Language">BCP 47 tag, or null.</param>
/// <param name="Name">Shown to people, or null.</param>
/// <param name="IsDefault">To be shown when the viewer has not chosen.</param>
/// <param name="IsForced">Only what must be understood although the viewer knows the sound's language.</param>
/// <param name="Origin">Where they came from.</param>
internal sealed record Subtitle(string Id, string? Language, string? Name, bool IsDefault, bool IsForced, SubtitleOrigin Origin);

/// <summary>Where subtitles came from.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SubtitleOrigin>))]
internal enum SubtitleOrigin
{
    /// <summary>A stream of the uploaded file.</summary>
    [JsonStringEnumMemberName("embedded")]
    Embedded,

    /// <summary>A file of their own.</summary>
    [JsonStringEnumMemberName("uploaded")]
    Uploaded,
}
