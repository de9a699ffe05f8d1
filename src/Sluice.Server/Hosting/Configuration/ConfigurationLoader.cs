using System.Collections;

namespace Sluice.Server.Hosting.Configuration;

/// <summary>
/// Puts the configuration together: defaults, then the YAML file, then environment variables, then the command line;
/// the later wins. Every value is checked where it was given, so that a message can name that place.
/// </summary>
internal static class ConfigurationLoader
{
    /// <summary>Read from the working folder when no file is named.</summary>
    public const string DefaultFile = "sluice.yml";

    /// <summary>Loads all sources.</summary>
    /// <param name="file">The YAML file, or null for <see cref="DefaultFile"/> if there is one.</param>
    /// <param name="environment">Environment variables.</param>
    /// <param name="commandLine">Settings given as options of the command.</param>
    /// <exception cref="SetupException">A key is unknown, a value not allowed, or the file not readable.</exception>
    public static LoadedConfiguration Load(
        string? file,
        IEnumerable<KeyValuePair<string, string>> environment,
        IEnumerable<Setting> commandLine)
    {
        var (fromFile, warnings) = ReadFile(file);
        var options = new SluiceOptions();
        foreach (var setting in fromFile.Concat(EnvironmentSettings.Read(environment)).Concat(commandLine))
        {
            Apply(options, setting);
        }

        return new LoadedConfiguration(options, warnings);
    }

    /// <summary>The environment of this process.</summary>
    public static IEnumerable<KeyValuePair<string, string>> ProcessEnvironment() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Select(e => KeyValuePair.Create((string)e.Key, e.Value as string ?? ""));

    private static (IReadOnlyList<Setting> Settings, IReadOnlyList<string> Warnings) ReadFile(string? file)
    {
        if (file is null && !File.Exists(DefaultFile))
        {
            return ([], []);
        }

        file ??= DefaultFile;
        try
        {
            using var reader = File.OpenText(file);
            return YamlSettings.Read(reader, Path.GetFileName(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"The configuration file {file} cannot be read: {e.Message}");
        }
    }

    private static void Apply(SluiceOptions options, Setting setting)
    {
        var key = ConfigurationKeys.Find(setting.Path) ?? throw YamlSettings.Unknown(setting.Path, setting.Source);
        if (key.IsList != setting.WasList || !key.TrySet(options, setting.Values))
        {
            var given = setting.WasList ? "a list" : key.Path == "access.secret" ? "what was given" : $"'{setting.Values[0]}'";
            throw new SetupException(
                $"{setting.Source}: {key.Path} must be {(key.IsList ? "a list of " : "")}{key.Allowed}, not {given}.");
        }
    }
}
