using System.CommandLine;
using Sluice.Server.Hosting.Configuration;

namespace Sluice.Server.Cli;

/// <summary>The options of a command that say which configuration it works with.</summary>
internal sealed class ConfigurationOptions
{
    private readonly Option<string?> _config = new("--config", "-c")
    {
        Description = $"Configuration file; {ConfigurationLoader.DefaultFile} in the working folder when there is one.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _data = new("--data") { Description = "Data folder.", HelpName = "DIR" };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_config);
        command.Options.Add(_data);
    }

    /// <summary>The configuration as the arguments, the environment and the file give it.</summary>
    /// <param name="arguments">The parsed arguments.</param>
    /// <param name="others">Settings from options that only this command has.</param>
    public LoadedConfiguration Load(ParseResult arguments, params IEnumerable<Setting> others)
    {
        var settings = others.ToList();
        if (arguments.GetValue(_data) is { } folder)
        {
            settings.Add(new Setting("storage.data", [folder], false, "--data"));
        }

        return ConfigurationLoader.Load(arguments.GetValue(_config), ConfigurationLoader.ProcessEnvironment(), settings);
    }
}
