using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Jobs.RabbitMq;
using Sluice.Server.Nodes;

namespace Sluice.Server.Jobs;

/// <summary>Registers the work of this process.</summary>
internal static class JobsSetup
{
    /// <summary>Adds the queue, the runner and what is around them. Executors are whatever is registered as
    /// <see cref="ITaskExecutor"/>.</summary>
    /// <param name="services">The server's.</param>
    /// <param name="owner">Names this process in leases; the same after its restart, and no other's.</param>
    /// <param name="address">Where other servers reach this one; null when they cannot.</param>
    /// <param name="lanes">Tasks at once; null when this process does none.</param>
    /// <param name="queue">The broker between processes, if there is one.</param>
    /// <exception cref="SetupException">The broker's configuration is not complete.</exception>
    public static void AddJobs(this IServiceCollection services, string owner, Uri? address, LaneCounts? lanes, QueueOptions queue)
    {
        services.AddSingleton<IWorkCatalog>(provider => provider.GetRequiredService<ICatalog>());
        services.AddSingleton<IHoldCatalog>(provider => (IHoldCatalog)provider.GetRequiredService<ICatalog>());
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<Holds>(provider, new Holder(owner, address)));
        services.AddSingleton<ChangeFeed>();
        services.AddSingleton<ProgressBoard>();
        services.AddSingleton<RunningTasks>();
        services.AddSingleton<JobControl>();
        services.AddSingleton<TaskRunner>();
        if (lanes is not null)
        {
            services.AddHostedService(provider => ActivatorUtilities.CreateInstance<JobRunner>(provider, owner, lanes));
        }

        if (queue.Url is null)
        {
            services.AddSingleton<IJobQueue, InProcessQueue>();
        }
        else
        {
            services.AddRabbitMq(queue, owner, lanes); // After the lanes: it takes no more work before they stop.
        }
    }
}
