using System.CommandLine;
using Sluice.Server.Publishing;

namespace Sluice.Server.Cli;

/// <summary><c>sluice unpublish</c>: takes away what was published to a place.</summary>
internal static class UnpublishCommand
{
    private const string PlaylistExtension = ".m3u8";

    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var target = new Argument<string>("TARGET") { Description = $"Where it is: {TargetAddress.Rule}." };
        var name = new Argument<string?>("NAME")
        {
            Description = "Its name there, where there may be several: that of its folder, or of its playlist.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var configuration = new ConfigurationOptions();
        var command = new Command("unpublish", "Take away what was published to a folder or another place.") { target, name };
        configuration.AddTo(command);
        command.SetAction((arguments, ct) => RunAsync(
            PublishPlace.Open(arguments.GetRequiredValue(target), configuration.Load(arguments).Options), arguments.GetValue(name),
            new TreePublisher(configuration.Load(arguments).Options), ct));
        return command;
    }

    private static async Task<int> RunAsync(PublishPlace place, string? name, TreePublisher publisher, CancellationToken ct)
    {
        foreach (var found in PlacesOf(name))
        {
            if (await publisher.UnpublishAsync(found, place.Target, _ => { }, ct) is { } files)
            {
                Console.WriteLine(place.Target.CanRemove ? $"{files} files removed." : TreePublisher.LeftThere(place.Target));
                return 0;
            }
        }

        throw new CommandException(
            name is null ? $"No title lies directly in {place.Target.Name}." : $"There is no title '{name}' in {place.Target.Name}.",
            $"Name it as its folder or its playlist is named; {PlaylistIndex.FileName} lists playlists.");
    }

    /// <summary>Where a title of this name may be.</summary>
    private static TreePlace[] PlacesOf(string? name)
    {
        if (name is null)
        {
            return [TreePlace.Folder("")];
        }

        var plain = name.EndsWith(PlaylistExtension, StringComparison.Ordinal) ? name[..^PlaylistExtension.Length] : name.TrimEnd('/');
        return plain.Split('/').Any(p => p is "" or "." or ".." || p.Any(char.IsControl)) || plain.Contains('\\', StringComparison.Ordinal)
            ? throw new CommandException($"'{name}' cannot be the name of a title.")
            : [TreePlace.Folder(plain), TreePlace.Flat(plain)];
    }
}
