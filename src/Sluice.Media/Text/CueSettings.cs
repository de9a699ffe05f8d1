namespace Sluice.Media.Text;

/// <summary>Cue settings (WebVTT section 3.4) that are kept: where a cue is and how it is aligned. Regions are dropped, as their
/// definitions are.</summary>
internal static class CueSettings
{
    private static readonly string[] Alignments = ["start", "center", "end", "left", "right"];

    /// <summary>The settings in <paramref name="text"/> that mean something, written anew; empty when there are none.</summary>
    public static string Clean(string text)
    {
        var kept = new List<string>();
        foreach (var setting in text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = setting.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && IsKept(setting[..colon], setting[(colon + 1)..]) && !kept.Exists(k => k.StartsWith(setting[..(colon + 1)], StringComparison.Ordinal)))
            {
                kept.Add(setting);
            }
        }

        return string.Join(' ', kept);
    }

    private static bool IsKept(string name, string value) => name switch
    {
        "align" => Alignments.Contains(value),
        "vertical" => value is "rl" or "lr",
        "size" => IsPercentage(value),
        "position" => IsPercentage(Before(value, "line-left", "center", "line-right")),
        "line" => IsPercentage(Before(value, "start", "center", "end")) || IsLine(Before(value, "start", "center", "end")),
        _ => false,
    };

    /// <summary>The value before its comma; empty, which is no number, when what follows is none of the words.</summary>
    private static string Before(string value, params string[] words)
    {
        var comma = value.IndexOf(',', StringComparison.Ordinal);
        return comma < 0 ? value : words.Contains(value[(comma + 1)..]) ? value[..comma] : "";
    }

    private static bool IsPercentage(string value) =>
        value is [.., '%'] && value.Length <= 12
        && decimal.TryParse(value.AsSpan(0, value.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
        && number is >= 0 and <= 100;

    private static bool IsLine(string value) =>
        value.Length is > 0 and <= 4 && int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);
}
