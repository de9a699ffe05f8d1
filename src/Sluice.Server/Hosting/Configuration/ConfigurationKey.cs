namespace Sluice.Server.Hosting.Configuration;

/// <summary>One key of the configuration: its name, what it may hold, and where its value goes.</summary>
/// <param name="Path">Section and key as in the YAML file, such as <c>server.port</c>.</param>
/// <param name="Allowed">What it may hold, for people: <c>a whole number from 0 to 65535</c>.</param>
/// <param name="IsList">Whether it holds several values; in an environment variable these are separated by commas.</param>
/// <param name="TrySet">Puts the values into the options; false when they are not allowed. A key that is no list gets
/// exactly one value.</param>
internal sealed record ConfigurationKey(
    string Path,
    string Allowed,
    bool IsList,
    Func<SluiceOptions, IReadOnlyList<string>, bool> TrySet)
{
    /// <summary>What was given is not repeated in messages.</summary>
    public bool IsSecret { get; init; }

    /// <summary>The environment variable of this key, such as <c>SLUICE__SERVER__PORT</c>.</summary>
    public string Variable => "SLUICE__" + Path.Replace(".", "__", StringComparison.Ordinal).ToUpperInvariant();
}
