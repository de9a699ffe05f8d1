using Sluice.Server.Live.Channels;
using Sluice.Server.Manage.Channels;
using Sluice.Server.Recordings;

namespace Sluice.Server.Manage.Metrics;

/// <summary>What the status of channels says, as metrics. Nothing is kept for it: it is read when somebody asks.</summary>
internal static class ChannelMetrics
{
    private static readonly (ChannelCounter Counter, string Name, string Help)[] Counters =
    [
        (ChannelCounter.Starts, "starts_total", "Times that the upstream was started."),
        (ChannelCounter.Segments, "segments_total", "Segments that came whole."),
        (ChannelCounter.BytesIn, "received_bytes_total", "Bytes that came from upstreams."),
        (ChannelCounter.BytesOut, "sent_bytes_total", "Bytes that were sent to viewers."),
        (ChannelCounter.Gaps, "gaps_total", "Segments that the upstream itself does not have (EXT-X-GAP)."),
        (ChannelCounter.Missed, "missed_segments_total", "Segments that came and went between two loads of a playlist."),
        (ChannelCounter.Resets, "resets_total", "Times that an upstream began anew."),
        (ChannelCounter.Lags, "lags_total", "Loads of a playlist that was older than the one before."),
        (ChannelCounter.Retries, "retries_total", "Times that something was asked for again."),
        (ChannelCounter.FailedSegments, "failed_segments_total", "Segments that did not come, or not whole."),
        (ChannelCounter.LostBytes, "lost_bytes_total", "Bytes of segments that were no packets."),
        (ChannelCounter.Losses, "losses_total", "Places within segments where packets were missing."),
        (ChannelCounter.TimesAlone, "times_alone_total", "Times that video went on without the audio of a playlist of its own."),
        (ChannelCounter.LateFrames, "late_frames_total", "Frames of such audio that came too late."),
        (ChannelCounter.Skips, "skips_total", "Times that a viewer was too slow and skipped."),
        (ChannelCounter.Drops, "drops_total", "Viewers that were sent away for being too slow."),
        (ChannelCounter.Switches, "switches_total", "Changes of upstream."),
    ];

    /// <summary>Writes them; nothing when there are no channels.</summary>
    public static void Write(MetricText text, ChannelRegistry registry, RecordingDesk recordings)
    {
        var channels = registry.All.Select(channel => (channel.Definition.Name, Status: channel.Status())).ToArray();
        if (channels.Length == 0)
        {
            return;
        }

        text.Gauge("sluice_channel_state", "1 for the state that the channel is in.", channels.SelectMany(c => Enum.GetValues<ChannelState>()
            .Select(state => Value(c.Status.State == state ? 1 : 0, c.Name, ("state", ChannelWords.Of(state))))));
        text.Gauge("sluice_channel_viewers", "Viewers of a channel.", channels.SelectMany(c => new[]
        {
            Value(c.Status.Viewers.Endless, c.Name, ("kind", "endless")),
            Value(c.Status.Viewers.Hls, c.Name, ("kind", "hls")),
            Value(c.Status.Viewers.Recording, c.Name, ("kind", "recording")),
        }));
        Gauge("sluice_channel_log_bytes", "Memory that a channel takes.", s => s.Log.Bytes);
        Gauge("sluice_channel_log_budget_bytes", "Memory that a channel may take.", s => s.Log.BudgetBytes);
        Gauge("sluice_channel_log_seconds", "How much of a channel can be played from memory.", s => s.Log.Length.TotalSeconds);
        Gauge("sluice_channel_log_segments", "Segments in memory.", s => s.Log.Segments);
        Gauge("sluice_channel_first_byte_median_seconds", "From the request of a segment to its first byte, median of the last hundred.", s => s.Latency?.Median.TotalSeconds);
        Gauge("sluice_channel_first_byte_p95_seconds", "From the request of a segment to its first byte, 95th percentile of the last hundred.", s => s.Latency?.P95.TotalSeconds);
        text.Gauge("sluice_channel_recording_bytes", "Bytes that the recording under way has.", channels
            .Select(c => (c.Name, Recording: recordings.Of(c.Name))).Where(c => c.Recording is not null).Select(c => Value(c.Recording!.Bytes, c.Name)));
        foreach (var (counter, name, help) in Counters)
        {
            text.Counter("sluice_channel_" + name, help, channels.Select(c => Value(c.Status.Counters[counter], c.Name)));
        }

        void Gauge(string name, string help, Func<ChannelStatus, double?> read) => text.Gauge(
            name, help, channels.Select(c => (c.Name, Read: read(c.Status))).Where(c => c.Read is not null).Select(c => Value(c.Read!.Value, c.Name)));
    }

    private static MetricValue Value(double value, string channel, params ReadOnlySpan<(string Name, string Value)> more)
    {
        var labels = new List<KeyValuePair<string, string>> { KeyValuePair.Create("channel", channel) };
        foreach (var (name, text) in more)
        {
            labels.Add(KeyValuePair.Create(name, text));
        }

        return new MetricValue(value, labels);
    }
}
