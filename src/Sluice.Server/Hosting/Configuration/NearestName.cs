namespace Sluice.Server.Hosting.Configuration;

/// <summary>Guesses what a mistyped name was meant to be.</summary>
internal static class NearestName
{
    /// <summary>The candidate with the fewest single-letter edits to <paramref name="name"/>, upper and lower case being
    /// the same, or null when even that one differs in more than half of its letters.</summary>
    public static string? Of(string name, IEnumerable<string> candidates)
    {
        var best = candidates.Select(c => (Name: c, Edits: Edits(name.ToUpperInvariant(), c.ToUpperInvariant()))).MinBy(c => c.Edits);
        return best.Name is not null && best.Edits <= Math.Max(name.Length, best.Name.Length) / 2 ? best.Name : null;
    }

    /// <summary>Levenshtein distance, one row at a time.</summary>
    private static int Edits(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        Span<int> row = new int[b.Length + 1];
        for (var j = 0; j < row.Length; j++)
        {
            row[j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
