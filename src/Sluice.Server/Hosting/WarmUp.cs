using System.Text.Json;
using Sluice.Media.Cmaf;
using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;
using Sluice.Server.Catalog;
using Sluice.Server.Manage;
using Sluice.Server.Processes;
using Sluice.Server.Transcode;

namespace Sluice.Server.Hosting;

/// <summary>
/// Does once, as soon as the server listens, what would keep the first upload waiting: ffmpeg is asked what it is, and the shapes of JSON
/// are built that an upload needs. Together they take longer than to package a film.
/// </summary>
internal sealed partial class WarmUp(FfmpegTools tools, SluiceOptions options, TimeProvider clock, ILogger<WarmUp> logger) : BackgroundService
{
    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        BuildShapes(clock.GetUtcNow());
        if (!options.Transcode.Enabled)
        {
            return;
        }

        try
        {
            var (facts, missing) = await tools.CheckAsync(stoppingToken);
            if (missing is not null)
            {
                Log.Missing(logger, missing);
            }
            else if (VideoEncoders.ProblemOf(options.Transcode, facts!) is { } problem)
            {
                Log.Missing(logger, problem);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped before it answered.
        }
    }

    private static void BuildShapes(DateTimeOffset now)
    {
        var rendition = new Rendition("v0", "video", IsEncoded: false, IsListed: true, "");
        var asset = new Asset
        {
            Id = AssetId.New(),
            Title = "",
            FileName = "",
            State = AssetState.Ready,
            Origin = "",
            SizeBytes = 0,
            Tracks = [new TrackVerdict("v0", "video", "", "", "", "", "", "")],
            Renditions = [rendition],
            CreatedAt = now,
            UpdatedAt = now,
            AdminKeyHash = [],
        };
        JsonSerializer.SerializeToUtf8Bytes(MediaView.Of(asset), ManageJson.Default.MediaView);
        new EncodePlan { OriginSeconds = 1 }.ToJson();
        TrackSummaryJson.TryRead(TrackSummaryJson.Write(new TrackSummary
        {
            Id = "v0",
            Kind = TrackKind.Video,
            Codecs = "",
            Timescale = 1,
            SegmentCount = 1,
            StartTicks = 0,
            EndTicks = 1,
            LongestSegmentTicks = 1,
            PeakBitsPerSecond = 1,
            AverageBitsPerSecond = 1,
            FrameRate = new Rational(25, 1),
        }));
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "What browsers do not play as it is will be kept, not encoded: {Reason}")]
        public static partial void Missing(ILogger logger, string reason);
    }
}
