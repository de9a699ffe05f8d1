using System.ComponentModel.DataAnnotations;

namespace Sluice.Server.Catalog;

/// <summary>What can be done with an asset now.</summary>
internal enum AssetState
{
    /// <summary>Every track that is offered plays as it lies.</summary>
    Ready,

    /// <summary>Kept, but no browser plays its codecs as they are; <see cref="Asset.Reason"/> says which and why.</summary>
    NeedsTranscode,

    /// <summary>Being repackaged; plays once that is done.</summary>
    Processing,

    /// <summary>Kept, but what it needed could not be done; <see cref="Asset.Reason"/> says why.</summary>
    Failed,

    /// <summary>Its bytes are still coming, and what has come plays. It has no objects in the store yet.</summary>
    Arriving,
}

/// <summary>What triage decided for one track of the source, in words that a person can read.</summary>
/// <param name="Id">Name in URLs (<c>v0</c>, <c>a1</c>) when the track is offered, else null.</param>
/// <param name="Kind"><c>video</c>, <c>audio</c>, <c>text</c> or <c>other</c>.</param>
/// <param name="Description">Such as <c>h264 High 4:2:0 8-bit, 1280x720, 30 fps</c>.</param>
/// <param name="Action"><c>copy</c>, <c>remux</c>, <c>encode</c>, <c>drop</c> or <c>burn</c>.</param>
/// <param name="Reason">Why, such as <c>browsers cannot play AC-3</c>.</param>
/// <param name="Codecs">RFC 6381 codec string, or null when unknown.</param>
/// <param name="Language">BCP 47 tag, or null.</param>
/// <param name="Name">The file's own name of the track, or null.</param>
internal sealed record TrackVerdict(
    string? Id,
    [property: AllowedValues("video", "audio", "text", "other")] string Kind,
    string Description,
    [property: AllowedValues("copy", "remux", "encode", "drop", "burn")] string Action,
    string Reason,
    string? Codecs,
    string? Language,
    string? Name);

/// <summary>One published title. Immutable; the catalog answers with a new one after each change.</summary>
internal sealed record Asset
{
    private readonly IReadOnlyList<Rendition> _renditions = [];

    /// <summary>Public name.</summary>
    public required AssetId Id { get; init; }

    /// <summary>Shown to people; text only, never markup.</summary>
    public required string Title { get; init; }

    /// <summary>Name that the client gave its file; shown, never used as a path.</summary>
    public required string FileName { get; init; }

    /// <summary>Whether it plays.</summary>
    public required AssetState State { get; init; }

    /// <summary>Why it does not play, or what of it is lost although it does; null when all is well.</summary>
    public string? Reason { get; init; }

    /// <summary>Which door it came in by: <c>native</c> or <c>pyhls</c>.</summary>
    public string Origin { get; init; } = "native";

    /// <summary>Bytes of the source file.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>SHA-256 of the source file in lower-case hex: titles with the same were made of the same bytes. Null for titles from before it was kept.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Presented length in seconds.</summary>
    public double DurationSeconds { get; init; }

    /// <summary>Names this packaging in URLs: a hash of the track indexes, lower-case hex; empty when not packaged.</summary>
    public string Version { get; init; } = "";

    /// <summary>Verdict on every track of the source, in its order.</summary>
    public IReadOnlyList<TrackVerdict> Tracks { get; init; } = [];

    /// <summary>Place of the track whose subtitles are drawn into the picture, from 0; null for none.</summary>
    public int? BurnedTrack => Tracks.Index().Where(t => t.Item.Action == "burn").Select(t => (int?)t.Index).FirstOrDefault();

    /// <summary>The tracks that delivery may offer. When none were set, these are the source's own: each track of
    /// <see cref="Tracks"/> that has an id, copied and listed.</summary>
    public IReadOnlyList<Rendition> Renditions
    {
        get => HasOwnRenditions ? _renditions : [.. Tracks.Where(track => track.Id is not null).Select(Copied)];
        init => _renditions = value;
    }

    /// <summary>Whether <see cref="Renditions"/> were set, rather than taken from the source's tracks.</summary>
    public bool HasOwnRenditions => _renditions.Count > 0;

    /// <summary>Grows when what delivery offers changes.</summary>
    public int Revision { get; init; }

    /// <summary>Poster, storyboard and subtitles.</summary>
    public AssetExtras Extras { get; init; } = AssetExtras.None;

    /// <summary>When it was published.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its row last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>From this instant nothing of it is played; null means never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Minutes of life as last set by an upload, refresh or extension; null when it never expires.</summary>
    public int? ExpiryMinutes { get; init; }

    /// <summary>When tokens were last refreshed (and older ones revoked); null when never.</summary>
    public DateTimeOffset? TokensRefreshedAt { get; init; }

    /// <summary>Playback tokens of any other epoch are dead.</summary>
    public int Epoch { get; init; }

    /// <summary>SHA-256 of the admin key; the key itself is shown once and kept nowhere. Empty, which no key matches, while it arrives.</summary>
    public required byte[] AdminKeyHash { get; init; }

    /// <summary>Whose pages may play it; null leaves that to the configuration.</summary>
    public OriginList? AllowedOrigins { get; init; }

    /// <summary>What its segments are encrypted with on their way out; null sends them as they are.</summary>
    public SegmentSecret? Secret { get; init; }

    /// <summary>Names what is delivered in URLs: <see cref="Version"/>, and another for each secret, so that no cache takes the one for the other.</summary>
    public string ServedVersion => Secret is null ? Version : $"{Version}-{Secret.Print}";

    /// <summary>On whose behalf it exists: it is in no list, and goes with its owner. <c>session</c>, or, where there are several servers, the name of the hold
    /// (<see cref="IHoldCatalog"/>) of the only server that reaches its source. Null for titles of the library.</summary>
    public string? Owner { get; init; }

    private static Rendition Copied(TrackVerdict track) =>
        new(track.Id!, track.Kind, IsEncoded: false, IsListed: true, track.Description);
}
