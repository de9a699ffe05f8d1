using System.Globalization;
using System.Text;

namespace Sluice.Bench;

/// <summary>One page of results: the machine, what was done, tables, and the bars with their verdicts.</summary>
internal sealed class Report(string name)
{
    private readonly StringBuilder _body = new();
    private readonly StringBuilder _bars = new();

    /// <summary>Bars that were not reached.</summary>
    public int Missed { get; private set; }

    /// <summary>A paragraph.</summary>
    public void Text(string paragraph) => _body.Append(paragraph).Append("\n\n");

    /// <summary>A table.</summary>
    public void Table(string[] header, IEnumerable<string[]> rows)
    {
        Row(header);
        Row([.. header.Select((_, i) => i == 0 ? "---" : "---:")]);
        foreach (var row in rows)
        {
            Row(row);
        }

        _body.Append('\n');
    }

    /// <summary>Something that has to hold.</summary>
    public void Bar(string what, bool met, string measured)
    {
        Missed += met ? 0 : 1;
        _bars.Append(CultureInfo.InvariantCulture, $"| {what} | {measured} | {(met ? "met" : "**missed**")} |\n");
    }

    /// <summary>The page.</summary>
    public string ToMarkdown() =>
        $"""
        # {name}

        Made by `./dev bench {name}` on {Machine.Describe()}.

        | bar | measured | |
        |---|---:|---|
        {_bars}
        {_body.ToString().TrimEnd('\n')}

        """;

    private void Row(string[] cells) => _body.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
}
