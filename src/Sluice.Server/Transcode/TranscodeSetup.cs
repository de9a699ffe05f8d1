using Sluice.Server.Hosting;
using Sluice.Server.Jobs;
using Sluice.Server.Probe;
using Sluice.Server.Processes;
using Sluice.Server.Store;
using Sluice.Server.Transcode.Extras;
using Sluice.Server.Transcode.Originals;
using Sluice.Server.Transcode.Replan;

namespace Sluice.Server.Transcode;

/// <summary>Registers what encodes.</summary>
internal static class TranscodeSetup
{
    /// <summary>Adds the executors, the chunk desk and what they need.</summary>
    public static IServiceCollection AddTranscode(this IServiceCollection services) => services
        .AddSingleton(provider => new FfmpegTools(provider.GetRequiredService<SluiceOptions>().Transcode.Ffmpeg))
        .AddSingleton<RightOfWay>()
        .AddSingleton<EncoderProcess>()
        .AddSingleton<EncoderTrial>()
        .AddSingleton<TitlePlanner>()
        .AddSingleton<SourceReader>()
        .AddSingleton<SourceTriage>()
        .AddSingleton<TitlePreparation>()
        .AddSingleton<ArrivedRemux>()
        .AddSingleton<HeadReader>()
        .AddSingleton<RemuxJudge>()
        .AddSingleton<ArrivalJudge>()
        .AddSingleton<TitlePublishing>()
        .AddSingleton<TitleWork>()
        .AddSingleton<ChunkBoard>()
        .AddSingleton<IChunkDesk, ChunkDesk>()
        .AddSingleton<ChunkPublisher>()
        .AddSingleton<RenditionGathering>()
        .AddSingleton<ChunkLeavings>()
        .AddHostedService(provider => provider.GetRequiredService<ChunkLeavings>())
        .AddSingleton<EncodeReport>()
        .AddSingleton<LadderPlanning>()
        .AddSingleton<SubtitleLookBack>()
        .AddSingleton<RemuxProcess>()
        .AddSingleton<OriginalsPublishing>()
        .AddSingleton<ExtrasTool>()
        .AddSingleton<SubtitleShelf>()
        .AddSingleton<ITaskExecutor, EncodeTask>()
        .AddSingleton<IReplanning, Replanning>()
        .AddSingleton<ITaskExecutor, RemuxTask>()
        .AddSingleton<ITaskExecutor, PrepareTask>()
        .AddSingleton<ITaskExecutor, ReplanTask>()
        .AddSingleton<ITaskExecutor, ExtrasTask>();

    /// <summary>Tasks at once, as configured or as the machine allows.</summary>
    public static LaneCounts LanesOf(TranscodeOptions options)
    {
        var fitting = LaneCounts.For(Environment.ProcessorCount);
        return new LaneCounts(
            options.BackgroundTasks > 0 ? options.BackgroundTasks : fitting.Background,
            options.UrgentTasks > 0 ? options.UrgentTasks : fitting.Urgent);
    }
}
