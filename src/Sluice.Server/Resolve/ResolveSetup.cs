using Sluice.Server.Outbound;
using Sluice.Server.Processes;

namespace Sluice.Server.Resolve;

/// <summary>Registers what looks behind web pages.</summary>
internal static class ResolveSetup
{
    /// <summary>Adds resolvers for files and for streams; nothing is started before one is asked.</summary>
    public static void AddResolvers(this IServiceCollection services)
    {
        services.AddSingleton(provider => new ResolverRunner(
            provider.GetRequiredService<CheckedConnector>(), provider.GetRequiredService<TimeProvider>(), ProgramSearch.SystemPath));
        services.AddSingleton<PageResolver>();
        services.AddSingleton<StreamResolver>();
    }
}
