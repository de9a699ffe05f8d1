using Sluice.Server.Hosting;
using Sluice.Server.Hosting.Configuration;

namespace Sluice.Server.Tests.Deploy;

/// <summary>A container of Sluice as a file of <c>deploy/</c> has it: its arguments, its variables, and the configuration that lies in it.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Arguments">Behind the program.</param>
/// <param name="Variables">Of its environment.</param>
/// <param name="Configuration">Text of the file that it is told to read; null when it is told of none.</param>
/// <param name="Grace">Between SIGTERM and SIGKILL.</param>
internal sealed record DeployedNode(string Name, string[] Arguments, Dictionary<string, string> Variables, string? Configuration, TimeSpan Grace)
{
    /// <summary>Keys whose values nobody but the operator knows; each stands for the text that a real one has.</summary>
    private static readonly Dictionary<string, string> Secrets = ConfigurationKeys.All.Where(key => key.IsSecret)
        .ToDictionary(key => key.Variable, _ => new string('s', 40), StringComparer.OrdinalIgnoreCase);

    /// <summary>The options that the program would have, read as it reads them.</summary>
    public SluiceOptions Read()
    {
        var settings = Configuration is null ? [] : YamlSettings.Read(new StringReader(Configuration), Name).Settings;
        var known = ConfigurationKeys.All.Select(key => key.Variable).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var name in Variables.Keys.Where(name => name.StartsWith("SLUICE", StringComparison.OrdinalIgnoreCase)))
        {
            if (!known.Contains(name))
            {
                throw new SetupException($"{Name}: there is no {name}.");
            }
        }

        return ConfigurationLoader.Combine(settings, Variables, []).Options;
    }

    /// <summary>A variable's value once a secret stands where the file only says that one does.</summary>
    public static string Filled(string name, string value) =>
        IsSecret(name) && value.StartsWith("${", StringComparison.Ordinal) ? Secrets[name] : value;

    /// <summary>Whether a variable is a secret.</summary>
    public static bool IsSecret(string name) => Secrets.ContainsKey(name);
}
