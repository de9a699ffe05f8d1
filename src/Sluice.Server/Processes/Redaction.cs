using System.Text.RegularExpressions;

namespace Sluice.Server.Processes;

/// <summary>Takes the folders of this machine out of text that is shown to people elsewhere; file names stay.</summary>
internal static partial class Redaction
{
    private const int MatchMilliseconds = 1000;

    /// <summary>The text with every path cut down to its last part.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="folders">Folders that are known to be in it; their names may hold anything, spaces too.</param>
    public static string Redact(string text, IEnumerable<string> folders)
    {
        foreach (var folder in folders.Where(f => f.Length > 1).OrderByDescending(f => f.Length))
        {
            var bare = folder.TrimEnd('/', '\\');
            text = text.Replace(bare + "/", "", StringComparison.Ordinal).Replace(bare + "\\", "", StringComparison.Ordinal)
                .Replace(bare, "…", StringComparison.Ordinal);
        }

        try
        {
            text = Quoted().Replace(text, match => $"'{LastPart(match.Groups["path"].Value)}'");
            return Bare().Replace(text, match => LastPart(match.Value));
        }
        catch (RegexMatchTimeoutException)
        {
            return "…"; // Text so strange that its paths cannot be found is not shown.
        }
    }

    private static string LastPart(string path) =>
        path.TrimEnd('/', '\\').Split('/', '\\')[^1] is { Length: > 0 } last ? last : "…";

    [GeneratedRegex(@"'(?<path>(?:/|[A-Za-z]:\\)[^'\n]*)'", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking, MatchMilliseconds)]
    private static partial Regex Quoted();

    // A slash that begins a word begins a path; one inside a word (24000/1001, N/A) does not.
    [GeneratedRegex(@"(?<![\w.)\]/\\-])(?:[A-Za-z]:\\|/)[^\s'"",;:()<>|]+", RegexOptions.ExplicitCapture, MatchMilliseconds)]
    private static partial Regex Bare();
}
