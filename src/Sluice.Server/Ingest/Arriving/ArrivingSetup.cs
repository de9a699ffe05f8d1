using Sluice.Server.Package.Arriving;

namespace Sluice.Server.Ingest.Arriving;

/// <summary>Registers what lets titles be played while they arrive.</summary>
internal static class ArrivingSetup
{
    /// <summary>Adds the files that come, the titles that are made of them meanwhile, and who looks at them.</summary>
    public static void AddArriving(this IServiceCollection services)
    {
        services.AddSingleton<ArrivingFiles>();
        services.AddSingleton<ArrivingRemuxer>();
        services.AddSingleton<ArrivingTitles>();
        services.AddSingleton<RemuxHandover>();
        services.AddSingleton<Continuation>();
        services.AddSingleton<ArrivalDesk>();
        services.AddSingleton<ArrivalEnding>();
        services.AddSingleton<ArrivalRecovery>();
        services.AddHostedService<ArrivalScout>();
    }
}
