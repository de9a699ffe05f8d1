using System.Text;

namespace Sluice.Media.Hls;

/// <summary>Variables of EXT-X-DEFINE and their references, <c>{$name}</c> (8216bis section 4.3). Bounded: a small playlist must
/// not become a large one.</summary>
internal sealed class PlaylistVariables
{
    private const int MostVariables = 128;
    private const int LongestText = 16 * 1024;
    private const int MostExpanded = 4 << 20;

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private int _expanded;

    public IReadOnlyDictionary<string, string> Values => _values;

    /// <summary>False when there are too many.</summary>
    public bool TryDefine(string name, string value)
    {
        if (_values.Count == MostVariables && !_values.ContainsKey(name))
        {
            return false;
        }

        _values[name] = value;
        return true;
    }

    /// <summary>Puts in what is defined so far. Where nothing is, braces are text like any other, as before version 8.</summary>
    /// <param name="text">A URI, or a quoted string.</param>
    /// <param name="problem">Why it cannot be; null when it can.</param>
    public string Expand(string text, out string? problem)
    {
        problem = null;
        if (_values.Count == 0 || !text.Contains("{$", StringComparison.Ordinal))
        {
            return text;
        }

        var result = new StringBuilder();
        var rest = text.AsSpan();
        while (problem is null)
        {
            var open = rest.IndexOf("{$");
            var close = open < 0 ? -1 : rest[open..].IndexOf('}');
            if (close < 0)
            {
                break;
            }

            var name = rest.Slice(open + 2, close - 2).ToString();
            if (!_values.TryGetValue(name, out var value))
            {
                problem = $"the variable {name} is not defined";
                break;
            }

            result.Append(rest[..open]).Append(value);
            rest = rest[(open + close + 1)..];
            problem = result.Length + rest.Length > LongestText ? "variables make it too long" : null;
        }

        result.Append(rest);
        _expanded += result.Length;
        problem ??= _expanded > MostExpanded ? "variables make it too long" : null;
        return problem is null ? result.ToString() : "";
    }
}
