using System.Text.RegularExpressions;
using Shouldly;

namespace Sluice.Media.Tests.Hls;

/// <summary>A strict reading of a playlist by RFC 8216 section 4.1 and 4.2, as the oracle of the writer's tests.</summary>
internal static partial class Playlist
{
    /// <summary>The lines; fails when one is no tag, no URI, or has something in it that no line may have.</summary>
    public static string[] Lines(string playlist)
    {
        playlist.ShouldStartWith("#EXTM3U\n");
        playlist.ShouldEndWith("\n");
        var lines = playlist[..^1].Split('\n');
        foreach (var line in lines)
        {
            line.ShouldNotBeEmpty();
            line.Any(static c => char.IsControl(c) || c is '\u2028' or '\u2029' or '\uFFFD').ShouldBeFalse(line);
            (Tag().IsMatch(line) || Uri().IsMatch(line)).ShouldBeTrue($"neither tag nor URI: {line}");
        }

        return lines;
    }

    /// <summary>The attribute lists of every tag of that name; fails on a list that is not well-formed.</summary>
    public static List<Dictionary<string, string>> Attributes(string playlist, string tag)
    {
        var found = new List<Dictionary<string, string>>();
        foreach (var line in Lines(playlist).Where(l => l.StartsWith(tag + ":", StringComparison.Ordinal)))
        {
            var list = line[(tag.Length + 1)..];
            AttributeList().IsMatch(list).ShouldBeTrue($"not an attribute list: {list}");
            found.Add(Attribute().Matches(list).ToDictionary(
                static m => m.Groups["name"].Value, static m => m.Groups["value"].Value.Trim('"')));
        }

        return found;
    }

    [GeneratedRegex(@"^#EXT[-A-Z0-9]+(:.*)?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Tag();

    [GeneratedRegex(@"^[A-Za-z0-9\-._~!$&'()*+,;=:@/?%\[\]]+$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Uri();

    [GeneratedRegex(@"^([A-Z0-9-]+=(""[^""]*""|[^"",]+)(,(?=.)|$))+$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AttributeList();

    [GeneratedRegex(@"(?<name>[A-Z0-9-]+)=(?<value>""[^""]*""|[^"",]+)(,|$)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Attribute();
}
