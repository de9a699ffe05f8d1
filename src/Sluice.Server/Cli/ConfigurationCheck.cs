using Sluice.Server.Hosting;
using Sluice.Server.Hosting.Configuration;
using Sluice.Server.Processes;

namespace Sluice.Server.Cli;

/// <summary>Looks at the configuration file and its channels, without asking any of their hosts.</summary>
internal static class ConfigurationCheck
{
    private const string Subject = "config file";

    /// <summary>What was loaded: which file, and what its channels lack on this machine.</summary>
    /// <param name="loaded">The configuration.</param>
    /// <param name="searchPath">Where programs are looked for.</param>
    public static IEnumerable<Finding> Of(LoadedConfiguration loaded, string searchPath)
    {
        yield return new Finding(Severity.Ok, Subject, loaded.Source is not { } source ? "none; all keys have their defaults"
            : loaded.Channels.Count == 0 ? source.Name
            : $"{source.Name}, {loaded.Channels.Count} {(loaded.Channels.Count == 1 ? "channel" : "channels")}");
        var lacking =
            from channel in loaded.Channels
            where channel.Resolver is not null && ProgramSearch.Find(channel.Resolver, searchPath) is null
            group channel.Name by channel.Resolver;
        foreach (var program in lacking)
        {
            yield return new Finding(
                Severity.Warn, "channels", $"{program.Key} is not installed; without it there is no {string.Join(", ", program)}",
                $"apt-get install {program.Key}");
        }
    }

    /// <summary>The file has a fault, with which a server does not start, and one that runs keeps what it had.</summary>
    public static Finding Fault(SetupException fault) => new(Severity.Fail, Subject, fault.Message);
}
