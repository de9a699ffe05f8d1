using System.CommandLine;
using Sluice.Server.Hosting;

namespace Sluice.Server.Cli;

/// <summary><c>sluice add</c>: publishes files, and what a running server fetches from addresses. Watch links go to stdout, a line
/// each, and everything else to stderr. A large file that was interrupted is gone on with by the same command.</summary>
internal static class AddCommand
{
    /// <summary>A file from this size on is sent in pieces, so that a broken line costs little; a smaller one costs little anyway.</summary>
    private const long WorthPieces = 8L << 20;

    /// <summary>Exit code when every file was taken, but one of them cannot be played yet.</summary>
    private const int TakenNotPlayable = 2;

    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var sources = new Argument<string[]>("FILE|URL") { Description = "What to publish: a file, or an address or magnet link for the server to fetch.", Arity = ArgumentArity.OneOrMore };
        var title = new Option<string?>("--title") { Description = "Title; the file's name when not given.", HelpName = "TEXT" };
        var expires = MinutesOption.Create("--expires-in", "Minutes until the title expires; never when not given.");
        var client = new ClientOptions();
        var command = new Command("add", "Publish files through a running server and print their watch links.") { sources, title, expires };
        client.AddTo(command);
        command.SetAction(async (arguments, ct) =>
        {
            using var server = client.Connect(arguments);
            var code = 0;
            foreach (var source in arguments.GetRequiredValue(sources))
            {
                var one = await TryAddAsync(server, source, arguments.GetValue(title), arguments.GetValue(expires), ct);
                code = code == ExitCode.Failed || one == 0 ? code : one;
            }

            return code;
        });
        return command;
    }

    /// <summary>One that cannot be published is no reason to leave out the next.</summary>
    private static async Task<int> TryAddAsync(SluiceClient server, string source, string? title, int? expires, CancellationToken ct)
    {
        // Without user and query, which may be secrets.
        var address = Uri.TryCreate(source, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" or "magnet" ? uri : null;
        var name = address is null ? Path.GetFileName(source)
            : address.Scheme == "magnet" ? "The magnet link"
            : $"{address.Scheme}://{address.Authority}{address.AbsolutePath}";
        try
        {
            return Told(name, address is null
                ? await SendAsync(server, new FileInfo(source), title, expires, ct)
                : await new RemoteFetch(server, TimeProvider.System).RunAsync(address, title, expires, ct));
        }
        catch (Exception e) when (e is not NoServerException
            && e is CommandException or HttpRequestException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(CommandRunner.Describe(e, name));
            return ExitCode.Failed;
        }
    }

    private static Task<PublishedMedia> SendAsync(SluiceClient server, FileInfo file, string? title, int? expires, CancellationToken ct) => file.Exists
        ? ByteProgress.RunAsync(file.Name, file.Length, sent => file.Length < WorthPieces
            ? server.AddAsync(file, title, expires, sent, ct)
            : server.AddInPiecesAsync(file, title, expires, UploadMemory.OfUser(), sent, link => Console.Error.WriteLine($"{file.Name} plays already: {link}"), ct))
        : throw new CommandException("There is no such file.");

    private static int Told(string name, PublishedMedia media)
    {
        if (media.AdminKey is { } key)
        {
            Console.Error.WriteLine($"{name} is published as {media.Id}; its admin key, shown only now, is {key}");
        }

        if (media.Watch is null)
        {
            Console.Error.WriteLine($"{name} is kept but cannot be played yet: {media.Reason}");
            return TakenNotPlayable;
        }

        Console.WriteLine(media.Watch);
        return 0;
    }
}
