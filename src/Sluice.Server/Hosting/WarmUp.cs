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
/// Does once, as soon as the server listens and has had time for its first request, what would keep the first upload waiting: ffmpeg is asked
/// what it is, and the shapes of JSON are built that an upload needs. Together they take longer than to package a film.
/// </summary>
internal sealed partial class WarmUp(
    FfmpegTools tools, SluiceOptions options, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<WarmUp> logger) : BackgroundService
{
    /// <summary>From listening to the work: on a machine with few processors it would take from the first request what that needs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    private static bool _gaveBack;

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!await ListensAsync(stoppingToken))
        {
            return;
        }

        BuildShapes(clock.GetUtcNow());
        await LookAtFfmpegAsync(stoppingToken);
        GiveBack();
    }

    /// <summary>What a start leaves is garbage, and the server may now stand idle for days.</summary>
    private static void GiveBack()
    {
        // That of the process, not of each server in it.
        if (!Interlocked.Exchange(ref _gaveBack, true))
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            NativeHeap.Trim();
        }
    }

    private async Task LookAtFfmpegAsync(CancellationToken stoppingToken)
    {
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

    /// <summary>Whether the server came so far.</summary>
    private async Task<bool> ListensAsync(CancellationToken stoppingToken)
    {
        var listens = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var started = lifetime.ApplicationStarted.Register(listens.SetResult);
        try
        {
            await listens.Task.WaitAsync(stoppingToken);
            await Task.Delay(Patience, clock, stoppingToken);
            return true;
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return false;
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
