using System.Globalization;
using System.Text;

namespace Sluice.Server.Manage.Metrics;

/// <summary>
/// Writes metrics as Prometheus reads them (text format 0.0.4): each family once, with what it is and what it means before its values.
/// <code>
/// # HELP name What it means.
/// # TYPE name gauge
/// name{label="value"} 1
/// </code>
/// </summary>
internal sealed class MetricText
{
    /// <summary>Media type of the text.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new();

    /// <summary>A family whose values go up and down.</summary>
    public void Gauge(string name, string help, IEnumerable<MetricValue> values) => Family(name, "gauge", help, values);

    /// <summary>A family whose values only grow, until they begin anew; its name ends with <c>_total</c>.</summary>
    public void Counter(string name, string help, IEnumerable<MetricValue> values) => Family(name, "counter", help, values);

    /// <inheritdoc />
    public override string ToString() => _text.ToString();

    private void Family(string name, string type, string help, IEnumerable<MetricValue> values)
    {
        _text.Append("# HELP ").Append(name).Append(' ').Append(help.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal))
            .Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
        foreach (var (value, labels) in values)
        {
            _text.Append(name);
            if (labels.Count > 0)
            {
                _text.Append('{').AppendJoin(',', labels.Select(static label => $"{label.Key}=\"{Escaped(label.Value)}\"")).Append('}');
            }

            _text.Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
        }
    }

    private static string Escaped(string value) => value
        .Replace("\\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);
}

/// <summary>One value of a family, and what tells it from the others.</summary>
/// <param name="Value">Finite.</param>
/// <param name="Labels">By name.</param>
internal readonly record struct MetricValue(double Value, IReadOnlyList<KeyValuePair<string, string>> Labels)
{
    /// <summary>The only value of its family.</summary>
    public static MetricValue[] Alone(double value) => [new(value, [])];
}
