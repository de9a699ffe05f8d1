using Sluice.Server.Jobs;

namespace Sluice.Server.Publishing;

/// <summary>Registers what publishes titles.</summary>
internal static class PublishSetup
{
    /// <summary>Adds targets, the desk and the executors. A target that cannot be is told now, and not when somebody publishes to it.</summary>
    public static IServiceCollection AddPublishing(this IServiceCollection services) => services
        .AddSingleton<RemotePlaces>()
        .AddSingleton<PublishTargets>()
        .AddSingleton<TreePublisher>()
        .AddSingleton<TitleOpening>()
        .AddSingleton<PublishDesk>()
        .AddSingleton<ITaskExecutor, PublishTask>()
        .AddSingleton<ITaskExecutor, UnpublishTask>();
}
