using System.CommandLine;
using System.CommandLine.Parsing;
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
        var url = new Option<Uri?>("--url")
        {
            Description = "Look at a server that runs, by its public address instead, through the proxies in front of it.",
            HelpName = "URL",
            CustomParser = Address,
        };
        command.Options.Add(url);
        configuration.AddTo(command);
        command.SetAction(async (arguments, ct) =>
        {
            var findings = arguments.GetValue(url) is { } address
                ? await FindAsync(address, ct)
                : await FindAsync(() => configuration.Load(arguments), ct);
            foreach (var finding in findings)
            {
                Console.WriteLine(finding);
            }

            return findings.Any(f => f.Severity == Severity.Fail) ? ExitCode.Failed : 0;
        });
        return command;
    }

    private static Uri? Address(ArgumentResult argument)
    {
        var given = argument.Tokens is [var token] ? token.Value : "";
        if (Uri.TryCreate(given, UriKind.Absolute, out var address) && address is { Scheme: "http" or "https", PathAndQuery: "/" })
        {
            return address;
        }

        argument.AddError($"'{given}' is no public address of a server; it looks like https://video.example.org.");
        return null;
    }

    private static async Task<IReadOnlyList<Finding>> FindAsync(Uri address, CancellationToken ct)
    {
#pragma warning disable RS0030 // A command asks the server that its user named; there is nothing that the user could not ask too.
        using var http = new HttpClient(new ConnectionFaults(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false })) { BaseAddress = address };
#pragma warning restore RS0030
        return await new ProxyCheckup(http, Environment.GetEnvironmentVariable("SLUICE_KEY")).RunAsync(ct);
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
