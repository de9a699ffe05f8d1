using Sluice.Server.Hosting;
using Sluice.Server.Jobs;
using Sluice.Server.Store;

namespace Sluice.Server.Publishing;

/// <summary>Registers what publishes titles.</summary>
internal static class PublishSetup
{
    /// <summary>Adds targets, the desk and the executors. A target that cannot be is told now, and not when somebody publishes to it.</summary>
    /// <remarks>Where a folder is published to, its flat files are given to players, unless something else is registered for that afterwards.</remarks>
    public static IServiceCollection AddPublishing(this IServiceCollection services, SluiceOptions options)
    {
        if (PublishedFolder.Of(options.Publish) is { Count: > 0 } folders)
        {
            services.AddSingleton<IPublishedFiles>(new PublishedFolder(folders));
        }

        return services
            .AddSingleton<RemotePlaces>()
            .AddSingleton<PublishTargets>()
            .AddSingleton<TreePublisher>()
            .AddSingleton<TitleOpening>()
            .AddSingleton<PublishDesk>()
            .AddSingleton<ITaskExecutor, PublishTask>()
            .AddSingleton<ITaskExecutor, UnpublishTask>();
    }
}
