using System.CommandLine;

namespace Sluice.Server.Cli;

/// <summary><c>sluice probe</c>: says per track whether browsers can play it as it is, and why not.</summary>
internal static class ProbeCommand
{
    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "What to look at." };
        var json = new Option<bool>("--json") { Description = "Print JSON instead of a table." };
        var command = new Command("probe", "Say per track whether browsers can play it as it is, and why not.") { file, json };
        command.SetAction((_, _) => throw new CommandException("`sluice probe` is not in this build yet."));
        return command;
    }
}
