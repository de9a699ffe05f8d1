namespace Sluice.Server.Hosting.Configuration;

/// <summary>Reads settings from environment variables such as <c>SLUICE__SERVER__PORT</c>.</summary>
internal static class EnvironmentSettings
{
    private const string Prefix = "SLUICE__";

    /// <summary>Those of <paramref name="variables"/> that are ours, and before them pipeKV's. An empty variable counts as not set.</summary>
    /// <exception cref="SetupException">A variable with our prefix names no key.</exception>
    public static IReadOnlyList<Setting> Read(IReadOnlyCollection<KeyValuePair<string, string>> variables) =>
    [
        .. PipeKvVariables.Translate(variables).Select(v => Read(v.Path, v.Value, v.Variable)),
        .. variables
            .Where(v => v.Value.Length > 0 && v.Key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            .OrderBy(v => v.Key, StringComparer.Ordinal)
            .Select(v => Read(v.Key, v.Value)),
    ];

    private static Setting Read(string name, string value)
    {
        var path = name[Prefix.Length..].Replace("__", ".", StringComparison.Ordinal);
        if (path.StartsWith(StreamsSection.Streams + ".", StringComparison.OrdinalIgnoreCase)
            || path.StartsWith(StreamsSection.Options + ".", StringComparison.OrdinalIgnoreCase))
        {
            throw new SetupException($"{name}: channels are configured in the file, or made by the API.");
        }

        if (ConfigurationKeys.Find(path) is not { } key)
        {
            var nearest = NearestName.Of(name, ConfigurationKeys.All.Select(k => k.Variable));
            throw new SetupException($"{name}: there is no such key. "
                + (nearest is null ? "Every key is in sluice.example.yml." : $"Did you mean {nearest}?"));
        }

        return Read(key.Path, value, name);
    }

    private static Setting Read(string path, string value, string name) => ConfigurationKeys.Find(path) is { IsList: true }
        ? new Setting(path, value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries), true, name)
        : new Setting(path, [value], false, name);
}
