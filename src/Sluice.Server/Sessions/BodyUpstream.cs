using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using Sluice.Media.Binary;
using Sluice.Server.Live;
using Sluice.Server.Live.Channels;
using Sluice.Server.Outbound;
using Sluice.Server.Probe;
using Sluice.Server.Processes;

namespace Sluice.Server.Sessions;

/// <summary>
/// Follows one body, be it without an end, that cannot be read in parts.
/// <code>
///   1 ask     the body, from its beginning, over checked addresses
///   2 know    its first bytes ──▶ ffprobe ──▶ what is copied and what is encoded
///             a DASH presentation ──▶ <see cref="DashUpstream"/>
///   3 run     body ──▶ ffmpeg ──▶ MPEG-TS ──▶ the channel's log          what has a length is played at its own pace; the rest has one
/// </code>
/// ffmpeg reads a pipe and nothing else. It ends with the channel's last viewer, and everything with it.
/// </summary>
internal sealed class BodyUpstream(HeadReader heads, BodyEncoder encoder, DashUpstream dash, TimeProvider clock)
{
    /// <summary>Bytes by which it becomes known; a second of the fastest that is sent.</summary>
    private const int HeadBytes = 1 << 20;

    private const int PieceBytes = 64 << 10;

    /// <summary>Who sends slowly is known by what has come until then.</summary>
    private static readonly TimeSpan HeadTime = TimeSpan.FromSeconds(3);

    private const int LeastHeadBytes = 4096;

    /// <summary>See <see cref="FollowBody"/>.</summary>
    public async Task<UpstreamEnd> FollowAsync(
        OutboundUrl url, UpstreamManner manner, OutboundFetcher outbound, ISegmentSinks sinks, IUpstreamWatch watch, CancellationToken ct)
    {
        try
        {
            // :: Step 1: ask
            await using var response = await outbound.SendAsync(manner.Request(url, long.MaxValue), ct);
            if (response.Status is not (200 or 206))
            {
                return new UpstreamEnd($"the other server answered with status {response.Status}");
            }

            watch.Following(url, TsOutput.Shape, null);
            return await FollowAsync(response, manner, outbound, sinks, watch, ct);
        }
        catch (Exception e) when (e is OutboundException or UpstreamRefusedException)
        {
            return new UpstreamEnd(e.Message.TrimEnd('.')) { IsRefused = e is UpstreamRefusedException };
        }
    }

    private async Task<UpstreamEnd> FollowAsync(
        OutboundResponse response, UpstreamManner manner, OutboundFetcher outbound, ISegmentSinks sinks, IUpstreamWatch watch, CancellationToken ct)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 2 * HeadBytes, resumeWriterThreshold: HeadBytes));
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var receiving = ReceiveAsync(response.Body, pipe.Writer, ending.Token);
        try
        {
            // :: Step 2: know
            var head = await HeadAsync(pipe.Reader, ct);
            if (RemoteKind.IsMpd(head))
            {
                return await dash.FollowAsync(new DashDescription(outbound, manner, response.Url), head, sinks, watch, ct);
            }

            if (await heads.ReadAsync(new MemoryByteSource(head), head.Length, ct) is not { } facts)
            {
                await (receiving.IsCompleted ? receiving : Task.CompletedTask); // What went wrong is the better reason.
                return new UpstreamEnd("ffmpeg can make nothing of what it sends") { IsRefused = true };
            }

            // :: Step 3: run
            if (BodyStreams.Of(facts) is not { } streams)
            {
                return new UpstreamEnd("there is neither picture nor sound in what it sends") { IsRefused = true };
            }

            var isFilm = response.LengthBytes is not null;
            string[] input = ["-probesize", Math.Max(head.Length, LeastHeadBytes).ToString(CultureInfo.InvariantCulture), .. FfmpegGuard.Input, "pipe:0"];
            await using var process = await encoder.StartAsync(facts, streams, input, null, isFilm, ending.Token);
            var feeding = FeedAsync(pipe.Reader, process.Input, ending.Token);
            await TsOutput.CopyAsync(process.Output, sinks.Main(TsOutput.Shape), watch, ct);
            var exit = await process.Completion;
            ct.ThrowIfCancellationRequested();
            if (!receiving.IsCompleted || !exit.IsSuccess)
            {
                return new UpstreamEnd(string.Create(CultureInfo.InvariantCulture, $"ffmpeg {exit}"));
            }

            await feeding;
            await receiving;
            return new UpstreamEnd(null) { IsFilm = isFilm };
        }
        finally
        {
            await ending.CancelAsync();
            await receiving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task ReceiveAsync(Stream body, PipeWriter writer, CancellationToken ct)
    {
        try
        {
            while (await body.ReadAsync(writer.GetMemory(PieceBytes), ct) is > 0 and var count)
            {
                writer.Advance(count);
                if ((await writer.FlushAsync(ct)).IsCompleted)
                {
                    return;
                }
            }
        }
        finally
        {
            await writer.CompleteAsync(); // The reader comes to an end; why, this task tells.
        }
    }

    /// <summary>The first bytes, which stay in the pipe.</summary>
    private async Task<byte[]> HeadAsync(PipeReader reader, CancellationToken ct)
    {
        await using var timer = clock.CreateTimer(static pipe => ((PipeReader)pipe!).CancelPendingRead(), reader, HeadTime, HeadTime);
        while (true)
        {
            var read = await reader.ReadAtLeastAsync(HeadBytes, ct);
            var head = read.Buffer.ToArray();
            reader.AdvanceTo(read.Buffer.Start);
            if (head.Length > 0 || read.IsCompleted)
            {
                return head;
            }
        }
    }

    private static async Task FeedAsync(PipeReader reader, Stream input, CancellationToken ct)
    {
        try
        {
            await reader.CopyToAsync(input, ct);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // It takes no more, and says why by how it ends.
        }
        finally
        {
            await reader.CompleteAsync();
            await input.DisposeAsync();
        }
    }
}
