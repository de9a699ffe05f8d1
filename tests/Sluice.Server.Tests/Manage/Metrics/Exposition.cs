using System.Globalization;
using System.Text;
using Shouldly;

namespace Sluice.Server.Tests.Manage.Metrics;

/// <summary>
/// Reads the text format of Prometheus (0.0.4) as strictly as its documentation says it: a family is told once, with HELP and TYPE before its
/// values; names, labels and escapes are valid; no two values have the same name and labels.
/// </summary>
internal sealed class Exposition
{
    private readonly Dictionary<string, double> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _types = new(StringComparer.Ordinal);

    /// <summary>Reads; fails the test for what is not valid.</summary>
    public Exposition(string text)
    {
        text.ShouldEndWith("\n");
        string? family = null;
        foreach (var line in text[..^1].Split('\n'))
        {
            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                family = line.Split(' ', 4)[2];
                IsName(family).ShouldBeTrue(line);
                _types.TryAdd(family, "").ShouldBeTrue($"{family} is told twice");
            }
            else if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                var parts = line.Split(' ');
                parts[2].ShouldBe(family, line);
                parts[3].ShouldBeOneOf("gauge", "counter");
                parts[2].EndsWith("_total", StringComparison.Ordinal).ShouldBe(parts[3] == "counter", line);
                _types[parts[2]] = parts[3];
            }
            else
            {
                Read(line, family);
            }
        }
    }

    /// <summary>The value of a name with labels, as <c>name{a="b"}</c>.</summary>
    public double this[string key] => _values.TryGetValue(key, out var value)
        ? value
        : throw new ShouldAssertException($"There is no {key}; there are\n{string.Join('\n', _values.Keys)}");

    /// <summary>Names with labels that begin so.</summary>
    public string[] Keys(string prefix) => [.. _values.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal))];

    private void Read(string line, string? family)
    {
        var at = line.IndexOfAny(['{', ' ']);
        var name = line[..at];
        name.ShouldBe(family, line);
        _types[name].ShouldNotBeEmpty(line);
        var key = new StringBuilder(name);
        if (line[at] == '{')
        {
            key.Append('{');
            at++;
            while (line[at] != '}')
            {
                var equals = line.IndexOf('=', at);
                IsName(line[at..equals]).ShouldBeTrue(line);
                key.Append(line, at, equals - at).Append("=\"");
                line[equals + 1].ShouldBe('"', line);
                for (at = equals + 2; line[at] != '"'; at++)
                {
                    if (line[at] == '\\')
                    {
                        at++;
                        "\\\"n".ShouldContain(line[at]);
                    }

                    key.Append(line[at]);
                }

                key.Append('"');
                at++;
                if (line[at] == ',')
                {
                    key.Append(',');
                    at++;
                }
            }

            key.Append('}');
            at++;
        }

        line[at].ShouldBe(' ', line);
        _values.TryAdd(key.ToString(), double.Parse(line[(at + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture)).ShouldBeTrue($"{key} is told twice");
    }

    private static bool IsName(string name) => name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or ':');
}
