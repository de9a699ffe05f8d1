using System.CommandLine;
using System.Net.Sockets;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Publishing;

namespace Sluice.Server.Cli;

/// <summary>Runs the command that the arguments name, and turns every failure into lines on stderr and an exit code.</summary>
internal static class CommandRunner
{
    private const string DebugVariable = "SLUICE_DEBUG";

    /// <summary>Runs; never throws.</summary>
    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        // The library would kill a command two seconds after Ctrl-C, whatever it has still to clear away.
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        try
        {
            var arguments = root.Parse(args);
            if (arguments.CommandResult.Command.Name == ServeCommand.Name)
            {
                return await arguments.InvokeAsync(configuration); // listens by itself, and drains
            }

            using var signals = new StopSignals();
            return await arguments.InvokeAsync(configuration, signals.Token);
        }
        catch (Exception e)
        {
            await Console.Error.WriteLineAsync(Describe(e));
            return ExitCode.Of(e);
        }
    }

    /// <summary>What a person is told: one line and a hint for what can go wrong in a healthy program, the type as well
    /// for what cannot. The trace only when <c>SLUICE_DEBUG=1</c>.</summary>
    /// <param name="e">What happened.</param>
    /// <param name="subject">The file it happened to, where a command works on several; null for none.</param>
    public static string Describe(Exception e, string? subject = null)
    {
        var name = subject is null ? "sluice" : $"sluice: {subject}";
        if (Environment.GetEnvironmentVariable(DebugVariable) == "1")
        {
            return $"{name}: {e}";
        }

        return e switch
        {
            OperationCanceledException => "sluice: stopped",
            CommandException { Hint: { } hint } => $"{name}: {e.Message}\n        {hint}",
            PublishException p => $"{name}: {e.Message}\n        {p.Hint}",
            CommandException or SetupException or CatalogUnreachableException or NewerSchemaException => $"{name}: {e.Message}",
            HttpRequestException { InnerException: SocketException s } => $"{name}: the server does not answer: {s.Message}",
            HttpRequestException or IOException or UnauthorizedAccessException => $"{name}: {e.Message}",
            _ => $"{name}: {e.Message} ({e.GetType().Name}; this is a fault of Sluice. {DebugVariable}=1 shows where)",
        };
    }
}
