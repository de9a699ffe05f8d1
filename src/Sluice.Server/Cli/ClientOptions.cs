using System.CommandLine;

namespace Sluice.Server.Cli;

/// <summary>The options of a command that talks to a running server: which one, and with which key.</summary>
internal sealed class ClientOptions
{
    private const string KeyVariable = "SLUICE_KEY";

    private readonly ConfigurationOptions _configuration = new();

    private readonly Option<string?> _server = new("--server")
    {
        Description = "Server to talk to, such as https://video.example.org; the one that runs in the data folder when not given.",
        HelpName = "URL",
    };

    private readonly Option<string?> _key = new("--key")
    {
        Description = $"Operator key, for a server that is not on loopback. {KeyVariable} in the environment is safer: others see arguments.",
        HelpName = "KEY",
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_server);
        command.Options.Add(_key);
        _configuration.AddTo(command);
    }

    /// <summary>A client for the server that the arguments mean.</summary>
    /// <exception cref="CommandException">The address given is none.</exception>
    public SluiceClient Connect(ParseResult arguments)
    {
        var key = arguments.GetValue(_key) ?? Environment.GetEnvironmentVariable(KeyVariable);
        if (arguments.GetValue(_server) is not { } given)
        {
            var options = _configuration.Load(arguments).Options;
            var url = ServerFile.Read(options.Storage.Data)?.Url
                ?? ServerUrl.Of(options.Server.Host, options.Server.Port, options.Server.Certificate is null ? "http" : "https");
            return new SluiceClient(new Uri(url), key, isOwn: true);
        }

        return Uri.TryCreate(given, UriKind.Absolute, out var address) && address.Scheme is ("http" or "https")
            ? new SluiceClient(address, key)
            : throw new CommandException($"'{given}' is no address of a server.", "It looks like https://video.example.org.");
    }
}
