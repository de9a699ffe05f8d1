namespace Sluice.Media.Text;

/// <summary>The lines of a text, one after the other, whatever ends them: CR LF, LF or CR.</summary>
internal sealed class SubtitleLines
{
    private readonly string _text;
    private int _at;
    private int _next;

    public SubtitleLines(string text)
    {
        _text = text;
        Number = 1;
        Peek = Cut(0);
    }

    /// <summary>Number of the line that <see cref="Peek"/> shows, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>The next line without its end; null after the last.</summary>
    public string? Peek { get; private set; }

    /// <summary>The next line holds nothing that can be seen.</summary>
    public bool AtBlank => Peek is not null && string.IsNullOrWhiteSpace(Peek);

    /// <summary>Goes on to the next line; answers the one that it was at.</summary>
    public string? Take()
    {
        var line = Peek;
        Number += line is null ? 0 : 1;
        _at = _next;
        Peek = line is null ? null : Cut(_at);
        return line;
    }

    /// <summary>Goes on to the next line that is not blank.</summary>
    public void SkipBlank()
    {
        while (AtBlank)
        {
            Take();
        }
    }

    /// <summary>Takes all lines up to the next blank one.</summary>
    public List<string> TakeBlock()
    {
        var block = new List<string>();
        while (Peek is not null && !AtBlank)
        {
            block.Add(Take()!);
        }

        return block;
    }

    private string? Cut(int from)
    {
        if (from > _text.Length || (from == _text.Length && from > 0))
        {
            return null;
        }

        var length = _text.AsSpan(from).IndexOfAny('\r', '\n');
        if (length < 0)
        {
            _next = _text.Length + 1;
            return _text[from..];
        }

        var end = from + length;
        _next = _text.AsSpan(end).StartsWith("\r\n") ? end + 2 : end + 1;
        return _text[from..end];
    }
}
