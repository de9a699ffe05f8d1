using System.CommandLine;

namespace Sluice.Server.Cli;

/// <summary><c>sluice package</c>: writes a static HLS and DASH tree that any web server can serve.</summary>
internal static class PackageCommand
{
    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "What to package." };
        var output = new Option<DirectoryInfo>("--output", "-o") { Description = "Folder to write, made when not there.", HelpName = "DIR", Required = true };
        var command = new Command("package", "Write a static HLS and DASH tree that any web server can serve.") { file, output };
        command.SetAction((_, _) => throw new CommandException("`sluice package` is not in this build yet."));
        return command;
    }
}
