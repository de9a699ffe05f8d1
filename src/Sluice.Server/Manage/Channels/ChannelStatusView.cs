using Sluice.Media.Hls;
using Sluice.Server.Live.Channels;
using Sluice.Server.Recordings;

namespace Sluice.Server.Manage.Channels;

/// <summary>How a channel is.</summary>
/// <param name="Name">Its name.</param>
/// <param name="State"><c>off</c>, <c>idle</c>, <c>starting</c>, <c>live</c>, <c>retrying</c> or <c>ended</c>.</param>
/// <param name="Reason">Why, or null.</param>
/// <param name="Since">Since when.</param>
/// <param name="Upstream">What is followed; null when nothing is.</param>
/// <param name="LastSwitch">The last change of upstream, or null.</param>
/// <param name="Viewers">Who watches.</param>
/// <param name="Bitrate">Bits per second, mean of the last five seconds.</param>
/// <param name="Log">What is held.</param>
/// <param name="Latency">From the request of a segment to its first byte; null before the first.</param>
/// <param name="Counters">Since the channel was made.</param>
/// <param name="Recording">What is being recorded, or null.</param>
internal sealed record ChannelStatusView(
    string Name,
    string State,
    string? Reason,
    DateTimeOffset Since,
    UpstreamView? Upstream,
    UpstreamSwitch? LastSwitch,
    ViewersView Viewers,
    BitrateView Bitrate,
    LogView Log,
    LatencyView? Latency,
    IReadOnlyDictionary<string, long> Counters,
    RecordingView? Recording)
{
    /// <summary>The view of a channel.</summary>
    public static ChannelStatusView Of(string name, ChannelStatus status, RecordingState? recording) => new(
        name,
        ChannelWords.Of(status.State),
        status.Reason,
        status.Since,
        status.Upstream is { } upstream ? UpstreamView.Of(upstream) : null,
        status.LastSwitch,
        new ViewersView(status.Viewers.Endless, status.Viewers.Hls, status.Viewers.Recording),
        new BitrateView(status.BitsPerSecondIn, status.BitsPerSecondOut),
        new LogView(status.Log.Bytes, status.Log.BudgetBytes, status.Log.Length.TotalSeconds, status.Log.Segments),
        status.Latency is { } latency
            ? new LatencyView(latency.Last.TotalMilliseconds, latency.Median.TotalMilliseconds, latency.P95.TotalMilliseconds)
            : null,
        status.Counters.ToDictionary(pair => ChannelWords.Of(pair.Key), pair => pair.Value, StringComparer.Ordinal),
        recording is null ? null : RecordingView.Of(recording));
}

/// <summary>What a channel follows.</summary>
/// <param name="Index">Which of its addresses, from 0.</param>
/// <param name="Url">The playlist, without secrets.</param>
/// <param name="Variant">Which variant; null when the address was that of a media playlist.</param>
/// <param name="Kind"><c>ts</c> or <c>fmp4</c>; null until that is known.</param>
internal sealed record UpstreamView(int Index, string Url, VariantView? Variant, string? Kind)
{
    /// <summary>The view of <paramref name="upstream"/>.</summary>
    public static UpstreamView Of(UpstreamInUse upstream) => new(
        upstream.Index, upstream.Url, upstream.Variant is { } variant ? VariantView.Of(variant, isChosen: true) : null, upstream.Kind);
}

/// <summary>A variant of a multivariant playlist.</summary>
/// <param name="Bandwidth">Peak bits per second; 0 when not said.</param>
/// <param name="Width">Pixels across; 0 when not said.</param>
/// <param name="Height">Lines; 0 when not said.</param>
/// <param name="Codecs">RFC 6381; empty when not said.</param>
/// <param name="Chosen">It is the one that is taken.</param>
internal sealed record VariantView(long Bandwidth, int Width, int Height, string Codecs, bool Chosen)
{
    /// <summary>The view of <paramref name="variant"/>.</summary>
    public static VariantView Of(HlsVariant variant, bool isChosen) => new(
        variant.PeakBitsPerSecond, variant.Width, variant.Height, string.Join(',', variant.Codecs), isChosen);
}

/// <summary>Who watches.</summary>
/// <param name="Endless">Bodies that do not end.</param>
/// <param name="Hls">HLS players.</param>
/// <param name="Recording">Recordings.</param>
internal sealed record ViewersView(int Endless, int Hls, int Recording);

/// <summary>Bits per second.</summary>
/// <param name="In">From the upstream.</param>
/// <param name="Out">To all viewers together.</param>
internal sealed record BitrateView(long In, long Out);

/// <summary>What a channel holds.</summary>
/// <param name="Bytes">Memory, with what is on its way.</param>
/// <param name="BudgetBytes">Memory that it may take.</param>
/// <param name="Seconds">How much of it can be played.</param>
/// <param name="Segments">How many segments.</param>
internal sealed record LogView(long Bytes, long BudgetBytes, double Seconds, int Segments);

/// <summary>From the request of a segment to its first byte, over the last hundred.</summary>
/// <param name="LastMs">The last one.</param>
/// <param name="MedianMs">Half were quicker.</param>
/// <param name="P95Ms">All but one in twenty were quicker.</param>
internal sealed record LatencyView(double LastMs, double MedianMs, double P95Ms);

/// <summary>What is being recorded, or was.</summary>
/// <param name="Id">Of the title that it becomes; <c>GET /api/v1/imports/{id}</c> tells how far that is.</param>
/// <param name="Title">Of that title.</param>
/// <param name="StartedAt">When it was asked for.</param>
/// <param name="BeginsAt">When what it begins with was received: earlier, if that was asked for, as far as it was still there.</param>
/// <param name="EndsAt">When it ends by itself; null when it does not.</param>
/// <param name="Bytes">Bytes that are written.</param>
/// <param name="Gaps">Times that the disk was so slow that something was missed.</param>
/// <param name="MissedBytes">How much that was.</param>
internal sealed record RecordingView(
    string Id, string Title, DateTimeOffset StartedAt, DateTimeOffset BeginsAt, DateTimeOffset? EndsAt, long Bytes, int Gaps, long MissedBytes)
{
    /// <summary>The view of <paramref name="recording"/>.</summary>
    public static RecordingView Of(RecordingState recording) => new(
        recording.Id.Value, recording.Title, recording.StartedAt, recording.BeginsAt, recording.EndsAt, recording.Bytes, recording.Gaps,
        recording.MissedBytes);
}
