namespace Sluice.Server.Hosting.Configuration;

/// <summary>
/// What pipeKV's README has people set, in the environment or in a file <c>.env</c> of the working folder; the environment wins.
/// <code>
///   X_SERVICE_KEY ──▶ pipekv.key      HOST ──▶ pipekv.url, next to a key only      ALLOWED_REF ──▶ pipekv.allowedReferers
/// </code>
/// Many shells and containers have a <c>HOST</c> of their own, which is no URL.
/// </summary>
internal static class PipeKvVariables
{
    /// <summary>The file.</summary>
    public const string File = ".env";

    private const string Key = "X_SERVICE_KEY";
    private const string Host = "HOST";
    private const string Referers = "ALLOWED_REF";

    /// <summary>Such a file has some lines; a larger one is another program's.</summary>
    private const int MostFileBytes = 64 << 10;

    private static readonly string[] Names = [Key, Host, Referers];

    /// <summary>The keys that they stand for.</summary>
    public static IEnumerable<(string Path, string Value, string Variable)> Translate(IEnumerable<KeyValuePair<string, string>> variables)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in variables.Where(static v => v.Value.Length > 0 && Names.Contains(v.Key, StringComparer.Ordinal)))
        {
            found[name] = value;
        }

        if (found.TryGetValue(Key, out var key))
        {
            yield return ("pipekv.key", key, Key);
            if (found.TryGetValue(Host, out var host) && host.StartsWith("http", StringComparison.OrdinalIgnoreCase) && host.Contains("://", StringComparison.Ordinal))
            {
                yield return ("pipekv.url", host, Host);
            }
        }

        if (found.TryGetValue(Referers, out var referers))
        {
            yield return ("pipekv.allowedReferers", referers, Referers);
        }
    }

    /// <summary>Those that a file sets: lines <c>NAME=value</c>, the value perhaps in quotes. A file that cannot be read sets none.</summary>
    public static IEnumerable<KeyValuePair<string, string>> OfFile(string path)
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: <= MostFileBytes }
                ? [.. System.IO.File.ReadLines(path).Select(Read).Where(static v => Names.Contains(v.Key, StringComparer.Ordinal))]
                : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // Nobody named it, so it may be somebody else's.
        }
    }

    private static KeyValuePair<string, string> Read(string line)
    {
        var (name, value) = line.Split('=', 2) is [var before, var behind] ? (before.Trim(), behind.Trim()) : ("", "");
        name = name.StartsWith("export ", StringComparison.Ordinal) ? name["export ".Length..].Trim() : name;
        var isQuoted = value.Length > 1 && value[0] is '"' or '\'' && value[^1] == value[0];
        return KeyValuePair.Create(name, isQuoted ? value[1..^1] : value);
    }
}
