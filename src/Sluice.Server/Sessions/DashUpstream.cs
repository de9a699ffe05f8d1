using System.Globalization;
using Sluice.Server.Live;
using Sluice.Server.Outbound;
using Sluice.Server.Probe;
using Sluice.Server.Processes;

namespace Sluice.Server.Sessions;

/// <summary>
/// Follows a DASH presentation: ffmpeg reads it by itself, for it names hundreds of further addresses.
/// <code>
///   ffmpeg ──▶ <see cref="OutboundRelay"/> ──▶ <see cref="DashDescription"/>       in which no address leads to TLS, and of its own it knows no secret
///      │               └─────────▶ checked addresses            of all else: ffmpeg may speak plain HTTP to this proxy and nothing else
///      └─▶ MPEG-TS ──▶ the channel's log                        one that is complete is shown at its own pace
/// </code>
/// </summary>
internal sealed class DashUpstream(HeadReader reader, BodyEncoder encoder, CheckedConnector connector, TimeProvider clock)
{
    /// <summary>Follows it to its end.</summary>
    /// <param name="description">Its description.</param>
    /// <param name="head">The beginning of that, or all of it.</param>
    /// <param name="sinks">Where it goes.</param>
    /// <param name="watch">Is told of it.</param>
    /// <param name="ct">Ends it.</param>
    public async Task<UpstreamEnd> FollowAsync(
        DashDescription description, ReadOnlyMemory<byte> head, ISegmentSinks sinks, IUpstreamWatch watch, CancellationToken ct)
    {
        await using var relay = new OutboundRelay(connector, clock, description.Address, description.ReadAsync);
        string[] input = [.. FfmpegGuard.Presentation, description.Address.Shown];
        if (await reader.ReadAsync(input, relay.Url, ct) is not { } facts || BodyStreams.Of(facts) is not { } streams)
        {
            return new UpstreamEnd(description.Problem ?? "ffmpeg can make nothing of the DASH presentation, or may not go where it leads") { IsRefused = true };
        }

        var isFilm = head.Span.IndexOf("type=\"dynamic\""u8) < 0;
        await using var process = await encoder.StartAsync(facts, streams, input, relay.Url, isFilm, ct);
        await TsOutput.CopyAsync(process.Output, sinks.Main(TsOutput.Shape), watch, ct);
        var exit = await process.Completion;
        ct.ThrowIfCancellationRequested();
        return exit.IsSuccess
            ? new UpstreamEnd(null) { IsFilm = isFilm }
            : new UpstreamEnd(description.Problem ?? string.Create(CultureInfo.InvariantCulture, $"ffmpeg {exit}"));
    }
}
