using Sluice.Server.Catalog;

namespace Sluice.Server.Jobs;

/// <summary>Registers the work of this process.</summary>
internal static class JobsSetup
{
    /// <summary>Adds the queue, the runner and what is around them. Executors are whatever is registered as
    /// <see cref="ITaskExecutor"/>.</summary>
    /// <param name="services">The server's.</param>
    /// <param name="owner">Names this process in leases; the same after its restart, and no other's.</param>
    /// <param name="lanes">Tasks at once.</param>
    public static void AddJobs(this IServiceCollection services, string owner, LaneCounts lanes)
    {
        services.AddSingleton<IWorkCatalog>(provider => provider.GetRequiredService<ICatalog>());
        services.AddSingleton<IHoldCatalog>(provider => (IHoldCatalog)provider.GetRequiredService<ICatalog>());
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<Holds>(provider, owner));
        services.AddSingleton<IJobQueue, InProcessQueue>();
        services.AddSingleton<ChangeFeed>();
        services.AddSingleton<ProgressBoard>();
        services.AddSingleton<RunningTasks>();
        services.AddSingleton<JobControl>();
        services.AddSingleton<TaskRunner>();
        services.AddHostedService(provider => ActivatorUtilities.CreateInstance<JobRunner>(provider, owner, lanes));
    }
}
