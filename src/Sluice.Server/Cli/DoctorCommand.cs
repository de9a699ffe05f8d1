using System.CommandLine;
using Sluice.Server.Hosting;
using Sluice.Server.Hosting.Configuration;

namespace Sluice.Server.Cli;

/// <summary><c>sluice doctor</c>: looks at what a server needs and says how to mend what is missing.</summary>
internal static class DoctorCommand
{
    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var configuration = new ConfigurationOptions();
        var command = new Command("doctor", "Look at what a server needs on this machine; exit code 1 when something is missing.");
        configuration.AddTo(command);
        command.SetAction(async (arguments, ct) =>
        {
            var findings = await FindAsync(() => configuration.Load(arguments), ct);
            foreach (var finding in findings)
            {
                Console.WriteLine(finding);
            }

            return findings.Any(f => f.Severity == Severity.Fail) ? CommandRunner.Failed : 0;
        });
        return command;
    }

    private static async Task<IReadOnlyList<Finding>> FindAsync(Func<LoadedConfiguration> load, CancellationToken ct)
    {
        try
        {
            return await Checkup.RunAsync(load(), ct);
        }
        catch (SetupException fault)
        {
            return [ConfigurationCheck.Fault(fault)];
        }
    }
}
