using System.CommandLine;

namespace Sluice.Server.Cli;

/// <summary><c>sluice token</c>: prints a new playback link of a title.</summary>
internal static class TokenCommand
{
    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var id = new Argument<string>("ID") { Description = "Public id of the title." };
        var adminKey = new Option<string?>("--admin-key") { Description = "The title's admin key, where the operator key is not at hand.", HelpName = "KEY" };
        var minutes = MinutesOption.Create("--minutes", "Minutes that the link works.");
        var client = new ClientOptions();
        var command = new Command("token", "Print a new playback link of a title.") { id, adminKey, minutes };
        client.AddTo(command);
        command.SetAction(async (arguments, ct) =>
        {
            using var server = client.Connect(arguments);
            Console.WriteLine(await server.NewLinkAsync(
                arguments.GetRequiredValue(id), arguments.GetValue(adminKey), arguments.GetValue(minutes), ct));
            return 0;
        });
        return command;
    }
}
