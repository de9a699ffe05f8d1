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

    /// <summary>StreamPipe's, read from the working folder when there is no <see cref="DefaultFile"/> and it has channels: many programs have a
    /// file of this name.</summary>
    public const string StreamPipeFile = "config.yml";

    /// <summary>Loads all sources.</summary>
    /// <param name="file">The YAML file, or null for <see cref="DefaultFile"/> or <see cref="StreamPipeFile"/> if there is one.</param>
    /// <param name="environment">Environment variables.</param>
    /// <param name="commandLine">Settings given as options of the command.</param>
    /// <exception cref="SetupException">A key is unknown, a value not allowed, or the file not readable.</exception>
    public static LoadedConfiguration Load(
        string? file,
        IEnumerable<KeyValuePair<string, string>> environment,
        IEnumerable<Setting> commandLine)
    {
        var found = file ?? (File.Exists(DefaultFile) ? DefaultFile : HasStreams(StreamPipeFile) ? StreamPipeFile : null);
        if (found is null)
        {
            return Combine([], environment, commandLine) with { IsEmpty = true };
        }

        var source = new ConfigurationSource(Path.GetFullPath(found), [.. environment], [.. commandLine]);
        return source.Parse(source.Read()) with
        {
            Warnings = found == file || found == DefaultFile ? [] : [$"{StreamPipeFile} is read, since it has streams and there is no {DefaultFile}."],
        };
    }

    /// <summary>The options that these sources give, the later winning.</summary>
    /// <exception cref="SetupException">A key is unknown, or a value not allowed.</exception>
    public static LoadedConfiguration Combine(
        IEnumerable<Setting> file, IEnumerable<KeyValuePair<string, string>> environment, IEnumerable<Setting> commandLine)
    {
        var options = new SluiceOptions();
        foreach (var setting in file.Concat(EnvironmentSettings.Read(environment)).Concat(commandLine))
        {
            Apply(options, setting);
        }

        return new LoadedConfiguration(options);
    }

    /// <summary>The environment of this process.</summary>
    public static IEnumerable<KeyValuePair<string, string>> ProcessEnvironment() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Select(e => KeyValuePair.Create((string)e.Key, e.Value as string ?? ""));

    private static bool HasStreams(string file)
    {
        try
        {
            return File.Exists(file) && File.ReadLines(file).Any(line => line.StartsWith(StreamsSection.Streams + ":", StringComparison.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // Nobody named it, so it is somebody else's.
        }
    }

    private static void Apply(SluiceOptions options, Setting setting)
    {
        var key = ConfigurationKeys.Find(setting.Path) ?? throw YamlSettings.Unknown(setting.Path, setting.Source);
        if (key.IsList != setting.WasList || !key.TrySet(options, setting.Values))
        {
            var given = setting.WasList ? "a list" : key.IsSecret ? "what was given" : $"'{setting.Values[0]}'";
            throw new SetupException(
                $"{setting.Source}: {key.Path} must be {(key.IsList ? "a list of " : "")}{key.Allowed}, not {given}.");
        }
    }
}
