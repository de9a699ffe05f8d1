namespace Sluice.Media.Hls;

/// <summary>
/// An attribute list (RFC 8216 section 4.2): <c>NAME=value,NAME="a, b"</c>. Read as far as it can be: spaces around names and
/// values do no harm, a quote that does not end does so with the line, what has no <c>=</c> is passed over. Of a name that
/// comes twice the first counts.
/// </summary>
internal sealed class AttributeList
{
    /// <summary>The longest list of the specification has about twenty.</summary>
    private const int MostAttributes = 64;

    private readonly List<(string Name, string Value)> _attributes = [];

    private AttributeList()
    {
    }

    /// <param name="text">What follows the colon of the tag.</param>
    /// <param name="expand">Puts variables into a quoted string.</param>
    public static AttributeList Read(string text, Func<string, string> expand)
    {
        var list = new AttributeList();
        var rest = text.AsSpan();
        while (!rest.IsEmpty && list._attributes.Count < MostAttributes)
        {
            // A comma before the next "=" ends something that has no value.
            var end = rest.IndexOfAny('=', ',');
            if (end < 0)
            {
                break;
            }

            var name = rest[..end].Trim();
            var hasValue = rest[end] == '=';
            rest = rest[(end + 1)..];
            if (!hasValue)
            {
                continue;
            }

            var value = TakeValue(ref rest, out var isQuoted);
            if (!name.IsEmpty)
            {
                list._attributes.Add((name.ToString(), isQuoted ? expand(value.ToString()) : value.ToString()));
            }
        }

        return list;
    }

    /// <summary>The value without its quotes; null when there is none, or nothing in it.</summary>
    public string? Text(string name)
    {
        foreach (var attribute in _attributes)
        {
            if (attribute.Name == name)
            {
                return attribute.Value.Length > 0 ? attribute.Value : null;
            }
        }

        return null;
    }

    /// <summary>A decimal-integer.</summary>
    public long? Number(string name) => PlaylistNumbers.TryInteger(Text(name), out var value) ? value : null;

    /// <summary>A decimal-floating-point of seconds, not negative.</summary>
    public TimeSpan? Seconds(string name) => PlaylistNumbers.TrySeconds(Text(name), out var value) ? value : null;

    /// <summary>An enumerated-string that is YES.</summary>
    public bool IsYes(string name) => Text(name) == "YES";

    private static ReadOnlySpan<char> TakeValue(ref ReadOnlySpan<char> rest, out bool isQuoted)
    {
        rest = rest.TrimStart();
        isQuoted = !rest.IsEmpty && rest[0] == '"';
        var body = isQuoted ? rest[1..] : rest;
        var end = body.IndexOf(isQuoted ? '"' : ',');
        var value = end < 0 ? body : body[..end];
        rest = end < 0 ? [] : body[end..];
        var comma = rest.IndexOf(',');
        rest = comma < 0 ? [] : rest[(comma + 1)..];
        return isQuoted ? value : value.Trim();
    }
}
