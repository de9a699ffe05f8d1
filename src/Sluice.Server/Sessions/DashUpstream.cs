using System.Globalization;
using Sluice.Server.Live;
using Sluice.Server.Outbound;
using Sluice.Server.Probe;
using Sluice.Server.Processes;

namespace Sluice.Server.Sessions;

/// <summary>
/// Follows a DASH presentation: ffmpeg reads it by itself, for it names hundreds of further addresses.
/// <code>
///   ffmpeg ──▶ <see cref="OutboundRelay"/> ──▶ checked addresses          no request of its goes any other way, whatever a file in the presentation names;
///      │                                                         of the description's address it knows no secret
///      └─▶ MPEG-TS ──▶ the channel's log                             one that is complete is shown at its own pace
/// </code>
/// </summary>
internal sealed class DashUpstream(HeadReader reader, BodyEncoder encoder, CheckedConnector connector, TimeProvider clock)
{
    /// <summary>Follows it to its end.</summary>
    /// <param name="url">Where its description is.</param>
    /// <param name="description">The description, or its beginning.</param>
    /// <param name="sinks">Where it goes.</param>
    /// <param name="watch">Is told of it.</param>
    /// <param name="ct">Ends it.</param>
    public async Task<UpstreamEnd> FollowAsync(
        OutboundUrl url, ReadOnlyMemory<byte> description, ISegmentSinks sinks, IUpstreamWatch watch, CancellationToken ct)
    {
        var concealed = ConcealedUrl.Of(url);
        await using var relay = new OutboundRelay(connector, clock, concealed);
        string[] input = [.. FfmpegGuard.Presentation, concealed?.Shown ?? url.Address.AbsoluteUri];
        if (await reader.ReadAsync(input, relay.Url, ct) is not { } facts || BodyStreams.Of(facts) is not { } streams)
        {
            return new UpstreamEnd("ffmpeg can make nothing of the DASH presentation, or may not go where it leads") { IsRefused = true };
        }

        var isFilm = description.Span.IndexOf("type=\"dynamic\""u8) < 0;
        await using var process = await encoder.StartAsync(facts, streams, input, relay.Url, isFilm, ct);
        await TsOutput.CopyAsync(process.Output, sinks.Main(TsOutput.Shape), watch, ct);
        var exit = await process.Completion;
        ct.ThrowIfCancellationRequested();
        return exit.IsSuccess ? new UpstreamEnd(null) { IsFilm = isFilm } : new UpstreamEnd(string.Create(CultureInfo.InvariantCulture, $"ffmpeg {exit}"));
    }
}
