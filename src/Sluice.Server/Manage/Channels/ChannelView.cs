using Sluice.Server.Access;
using Sluice.Server.Live.Channels;
using Sluice.Server.Outbound;

namespace Sluice.Server.Manage.Channels;

/// <summary>A channel as the API shows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Title">Its title, or null.</param>
/// <param name="Urls">Where it comes from, the first and its backups, without user, password and query.</param>
/// <param name="Origin"><c>configuration</c>, which only the file changes, or <c>api</c>.</param>
/// <param name="Enabled">Whether it can be watched.</param>
/// <param name="Public">Whether anyone may watch it.</param>
/// <param name="UserAgent">Whom its requests are said to come from; null is Sluice.</param>
/// <param name="HeaderNames">Names of the further headers of its requests; their values are not shown.</param>
/// <param name="BufferBytes">Memory for what was received last.</param>
/// <param name="IdleSeconds">How long the upstream is kept after the last viewer.</param>
/// <param name="Threads">Segments that are fetched at a time.</param>
/// <param name="TimeoutSeconds">Patience with the upstream.</param>
/// <param name="MaxHeight">Most lines of a picture, or null.</param>
/// <param name="MaxBitrate">Most bits per second, or null.</param>
/// <param name="MaxViewers">Most viewers at a time, or null.</param>
/// <param name="Resolver"><c>streamlink</c>, <c>yt-dlp</c> or null.</param>
/// <param name="State"><c>off</c>, <c>idle</c>, <c>starting</c>, <c>live</c>, <c>retrying</c> or <c>ended</c>.</param>
/// <param name="Reason">Why, or null.</param>
/// <param name="Viewers">How many watch.</param>
/// <param name="Playback">Links.</param>
internal sealed record ChannelView(
    string Name,
    string? Title,
    IReadOnlyList<string> Urls,
    string Origin,
    bool Enabled,
    bool Public,
    string? UserAgent,
    IReadOnlyList<string> HeaderNames,
    long BufferBytes,
    double IdleSeconds,
    int Threads,
    double TimeoutSeconds,
    int? MaxHeight,
    long? MaxBitrate,
    int? MaxViewers,
    string? Resolver,
    string State,
    string? Reason,
    int Viewers,
    ChannelLinks Playback)
{
    /// <summary>The view of <paramref name="channel"/>.</summary>
    public static ChannelView Of(Channel channel, ChannelLinks playback)
    {
        var (definition, status) = (channel.Definition, channel.Status());
        return new ChannelView(
            definition.Name,
            definition.Title,
            [.. definition.Urls.Select(Shown)],
            definition.Origin switch { ChannelOrigin.Api => "api", ChannelOrigin.Session => "session", _ => "configuration" },
            definition.IsEnabled,
            definition.IsPublic,
            definition.UserAgent,
            [.. definition.Headers.Select(h => h.Key)],
            definition.BufferBytes,
            definition.Idle.TotalSeconds,
            definition.Threads,
            definition.Timeout.TotalSeconds,
            definition.Policy.MostLines,
            definition.Policy.MostBitsPerSecond,
            definition.MaxViewers,
            definition.Resolver,
            ChannelWords.Of(status.State),
            status.Reason,
            status.Viewers.Total,
            playback);
    }

    private static string Shown(string url) => OutboundUrl.TryParse(url, out var known) ? known.ToString() : "";
}

/// <summary>All channels.</summary>
/// <param name="Items">By name.</param>
/// <param name="ConfigurationProblem">Why the configuration file as it is now is not in force, with line and key; null when it is.</param>
internal sealed record ChannelList(IReadOnlyList<ChannelView> Items, string? ConfigurationProblem);

/// <summary>What a channel is to be; what a PATCH does not name stays, what a PUT does not name is as by default.</summary>
/// <param name="Urls">Where it comes from: an HLS address, or with a resolver a web page; then its backups.</param>
/// <param name="Title">Shown to people.</param>
/// <param name="Enabled">Whether it can be watched; true by default.</param>
/// <param name="Public">Whether anyone may watch it; false by default.</param>
/// <param name="UserAgent">Whom its requests are said to come from.</param>
/// <param name="Headers">Further headers of its requests.</param>
/// <param name="BufferBytes">Memory for what was received last; 16 MiB by default.</param>
/// <param name="IdleSeconds">How long the upstream is kept after the last viewer; 20 by default.</param>
/// <param name="Threads">Segments that are fetched at a time; 4 by default.</param>
/// <param name="TimeoutSeconds">Patience with the upstream; 20 by default.</param>
/// <param name="MaxHeight">Most lines of a picture.</param>
/// <param name="MaxBitrate">Most bits per second.</param>
/// <param name="MaxViewers">Most viewers at a time; any number by default.</param>
/// <param name="Resolver"><c>streamlink</c> or <c>yt-dlp</c>, when the addresses are web pages.</param>
internal sealed record ChannelRequest(
    IReadOnlyList<string>? Urls,
    string? Title,
    bool? Enabled,
    bool? Public,
    string? UserAgent,
    IReadOnlyDictionary<string, string>? Headers,
    long? BufferBytes,
    double? IdleSeconds,
    int? Threads,
    double? TimeoutSeconds,
    int? MaxHeight,
    long? MaxBitrate,
    int? MaxViewers,
    string? Resolver);
