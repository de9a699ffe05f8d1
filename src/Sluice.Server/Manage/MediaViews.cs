using System.Text.Json;
using System.Text.Json.Serialization;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Sluice.Server.Manage.Admin;
using Sluice.Server.Manage.Channels;
using Sluice.Server.Manage.Proxy;
using Sluice.Server.Manage.Sessions;

namespace Sluice.Server.Manage;

/// <summary>An asset as the API shows it.</summary>
/// <param name="Id">Public name.</param>
/// <param name="Title">Text; never markup.</param>
/// <param name="FileName">As the client named its file.</param>
/// <param name="State"><c>ready</c>, <c>arriving</c>, <c>processing</c>, <c>needs-transcode</c> or <c>failed</c>.</param>
/// <param name="Reason">Why it is not ready, or null.</param>
/// <param name="SizeBytes">Bytes of the source file.</param>
/// <param name="Sha256">SHA-256 of the source file in hex, or null for titles from before it was kept.</param>
/// <param name="DurationSeconds">Presented length.</param>
/// <param name="CreatedAt">When it was published.</param>
/// <param name="UpdatedAt">When it last changed.</param>
/// <param name="ExpiresAt">From when on it is not played, or null.</param>
/// <param name="Tracks">Verdict on each track of the source.</param>
/// <param name="Renditions">What manifests may offer, now or once it is encoded.</param>
/// <param name="Revision">Grows when what can be played changes.</param>
/// <param name="HasPoster">There is a picture that stands for it, at <c>/api/v1/media/{id}/poster.jpg</c>.</param>
/// <param name="Subtitles">Subtitles beside those that are burned in.</param>
/// <param name="AllowedOrigins">Whose pages may play it, or null when that is as configured.</param>
/// <param name="Downloads">Whether viewers may have its file, or null when that is as configured.</param>
/// <param name="Chapters">Parts that its file names, in order.</param>
/// <param name="HasStoryboard">There are small pictures of all of it, at <c>/api/v1/media/{id}/storyboard.vtt</c>.</param>
/// <param name="Encryption"><c>aes-128</c> when its segments are sent encrypted, else null.</param>
/// <param name="Arrival">How far it has come, while it is arriving; else null.</param>
/// <param name="AdminKey">Only in the answer to the upload, and only there.</param>
/// <param name="Playback">Links, when the request earned them and the asset plays.</param>
internal sealed record MediaView(
    string Id,
    string Title,
    string FileName,
    [property: Words(typeof(AssetState))] string State,
    string? Reason,
    long SizeBytes,
    string? Sha256,
    double DurationSeconds,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset? ExpiresAt,
    IReadOnlyList<TrackVerdict> Tracks,
    IReadOnlyList<Rendition> Renditions,
    int Revision,
    bool HasPoster,
    IReadOnlyList<Subtitle> Subtitles,
    IReadOnlyList<string>? AllowedOrigins,
    bool? Downloads,
    IReadOnlyList<Chapter> Chapters,
    bool HasStoryboard,
    string? Encryption,
    ArrivalView? Arrival,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? AdminKey = null,
    PlaybackLinks? Playback = null)
{
    /// <summary>Where it is published; null for those who only may watch it, and in lists.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<PublicationView>? Publications { get; init; }

    /// <summary>The view of <paramref name="asset"/>.</summary>
    public static MediaView Of(Asset asset, ArrivalStatus? arrival = null, string? adminKey = null, PlaybackLinks? playback = null) => new(
        asset.Id.Value,
        asset.Title,
        asset.FileName,
        asset.State.Name(),
        asset.Reason,
        asset.SizeBytes,
        asset.Sha256,
        asset.DurationSeconds,
        asset.CreatedAt,
        asset.UpdatedAt,
        asset.ExpiresAt,
        asset.Tracks,
        asset.Renditions,
        asset.Revision,
        asset.Extras.HasPoster,
        asset.Extras.Subtitles,
        asset.AllowedOrigins?.Entries,
        asset.Extras.Downloads,
        asset.Extras.Chapters,
        asset.Extras.Storyboard is not null,
        asset.Secret is null ? null : SegmentSecret.Method,
        asset.State == AssetState.Arriving && arrival is not null ? ArrivalView.Of(arrival) : null,
        adminKey,
        playback);
}

/// <summary>How far a title is that is arriving.</summary>
/// <param name="LandedBytes">Bytes that are there.</param>
/// <param name="TotalBytes">Bytes of the whole.</param>
/// <param name="PlayableSeconds">Seconds from its beginning that play now; reckoned by bytes while nobody watches.</param>
/// <param name="DurationSeconds">Seconds of the whole; 0 when not known.</param>
internal sealed record ArrivalView(long LandedBytes, long TotalBytes, double PlayableSeconds, double DurationSeconds)
{
    /// <summary>The view of <paramref name="arrival"/>.</summary>
    public static ArrivalView Of(ArrivalStatus arrival) =>
        new(arrival.LandedBytes, arrival.TotalBytes, arrival.PlayableSeconds, arrival.DurationSeconds);
}

/// <summary>Data of the event <c>arrival</c>: a file that comes, whether or not it is a title yet.</summary>
/// <param name="Id">Name of the upload or import, and of the title that it becomes.</param>
/// <param name="Plays"><c>unknown</c>, <c>now</c> or <c>at-end</c>.</param>
/// <param name="LandedBytes">Bytes that are there.</param>
/// <param name="TotalBytes">Bytes of the whole.</param>
/// <param name="PlayableSeconds">As in <see cref="ArrivalView"/>.</param>
/// <param name="DurationSeconds">As in <see cref="ArrivalView"/>.</param>
internal sealed record ArrivalEvent(
    string Id, string Plays, long LandedBytes, long TotalBytes, double PlayableSeconds, double DurationSeconds)
{
    /// <summary>The event that tells <paramref name="arrival"/>.</summary>
    public static ArrivalEvent Of(ArrivalStatus arrival) => new(
        arrival.Id.Value, arrival.Plays.Name(), arrival.LandedBytes, arrival.TotalBytes, arrival.PlayableSeconds, arrival.DurationSeconds);
}

/// <summary>One page of the library.</summary>
/// <param name="Items">In the order that was asked for.</param>
/// <param name="Next">To be sent as <c>after</c> for the next page; null at the end.</param>
/// <param name="Total">Titles on all pages; only with the first one.</param>
internal sealed record MediaPage(
    IReadOnlyList<MediaView> Items, string? Next, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Total = null);

/// <summary>Changes to an asset; what is absent stays.</summary>
/// <param name="Title">New title.</param>
/// <param name="ExpiresInMinutes">Minutes of life from now; null makes it live for ever.</param>
/// <param name="AllowedOrigins">Whose pages may play it: <c>*</c>, origins, or <c>*.example.com</c>; null as configured, an empty list only our own.</param>
/// <param name="Downloads">Whether viewers may have its file; null as configured.</param>
/// <param name="Encryption"><c>aes-128</c> sends its segments encrypted, by HLS alone; null sends them as they are.</param>
internal sealed record MediaChange(
    string? Title = null, int? ExpiresInMinutes = null, IReadOnlyList<string>? AllowedOrigins = null, bool? Downloads = null, string? Encryption = null);

/// <summary>A wish for a token.</summary>
/// <param name="ExpiresInMinutes">Minutes of life; as configured when absent.</param>
internal sealed record TokenRequest(int? ExpiresInMinutes = null);

/// <summary>A wish for a title's link.</summary>
/// <param name="ExpiresInMinutes">Minutes of life; as configured when absent.</param>
/// <param name="BoundTo">Address or network, such as <c>203.0.113.0/24</c>, that a client must have; any when absent.</param>
/// <param name="MaxViews">How often it may be viewed; any number of times when absent.</param>
internal sealed record LinkRequest(int? ExpiresInMinutes = null, string? BoundTo = null, int? MaxViews = null);

/// <summary>A wish for subtitles in the picture.</summary>
/// <param name="Track">Place of their track among the title's, from 0; null for none.</param>
internal sealed record BurnRequest(int? Track);

/// <summary>JSON of the media API.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(MediaView))]
[JsonSerializable(typeof(MediaPage))]
[JsonSerializable(typeof(QueueView))]
[JsonSerializable(typeof(MediaChange))]
[JsonSerializable(typeof(TokenRequest))]
[JsonSerializable(typeof(LinkRequest))]
[JsonSerializable(typeof(ProxyView))]
[JsonSerializable(typeof(ProxyMeetingView))]
[JsonSerializable(typeof(PlaybackLinks))]
[JsonSerializable(typeof(PublicationView))]
[JsonSerializable(typeof(PublicationList))]
[JsonSerializable(typeof(PublishRequest))]
[JsonSerializable(typeof(Subtitle))]
[JsonSerializable(typeof(BurnRequest))]
[JsonSerializable(typeof(JobView))]
[JsonSerializable(typeof(JobPage))]
[JsonSerializable(typeof(JobEvent))]
[JsonSerializable(typeof(MediaEvent))]
[JsonSerializable(typeof(ArrivalEvent))]
[JsonSerializable(typeof(ImportView))]
[JsonSerializable(typeof(ImportPage))]
[JsonSerializable(typeof(ImportRequest))]
[JsonSerializable(typeof(ChannelView))]
[JsonSerializable(typeof(ChannelList))]
[JsonSerializable(typeof(ChannelRequest))]
[JsonSerializable(typeof(ChannelStatusView))]
[JsonSerializable(typeof(ChannelLinks))]
[JsonSerializable(typeof(ChannelTestRequest))]
[JsonSerializable(typeof(ChannelTestView))]
[JsonSerializable(typeof(RecordingRequest))]
[JsonSerializable(typeof(RecordingView))]
[JsonSerializable(typeof(SessionView))]
[JsonSerializable(typeof(SessionList))]
[JsonSerializable(typeof(SessionRequest))]
[JsonSerializable(typeof(HeartbeatRequest))]
[JsonSerializable(typeof(FileRequest))]
[JsonSerializable(typeof(PipeKvView))]
[JsonSerializable(typeof(AdminView))]
[JsonSerializable(typeof(CheckList))]
[JsonSerializable(typeof(SettingsView))]
[JsonSerializable(typeof(AuditPage))]
[JsonSerializable(typeof(PlaybackReport))]
[JsonSerializable(typeof(PlaybackSummary))]
[JsonSerializable(typeof(LoginRequest))]
[JsonSerializable(typeof(OperatorView))]
[JsonSerializable(typeof(Dictionary<string, JsonElement>))]
[JsonSerializable(typeof(object))] // Each route asks for it; without, the way by reflection is built for it alone, at the first request.
internal sealed partial class ManageJson : JsonSerializerContext;
