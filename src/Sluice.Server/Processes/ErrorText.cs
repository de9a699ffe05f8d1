using System.Text;

namespace Sluice.Server.Processes;

/// <summary>What a child says on standard error: cut into lines, the last of them kept. Any amount of it, in any bytes.</summary>
internal sealed class ErrorText(Func<string, bool>? takesLine)
{
    /// <summary>Characters that are kept.</summary>
    public const int KeptCharacters = 8192;

    private const int LongestLine = 2048;

    private readonly Lock _gate = new();
    private readonly Queue<string> _kept = new();
    private readonly StringBuilder _line = new();
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private int _keptCharacters;

    /// <summary>The last lines, oldest first, as they were said.</summary>
    public string Tail
    {
        get
        {
            lock (_gate)
            {
                return string.Join('\n', _kept);
            }
        }
    }

    /// <summary>Adds bytes as they come; answers whether a line among them was taken.</summary>
    public bool Add(ReadOnlySpan<byte> bytes)
    {
        Span<char> characters = stackalloc char[1024];
        var taken = false;
        while (!bytes.IsEmpty)
        {
            _decoder.Convert(bytes, characters, flush: false, out var used, out var made, out _);
            bytes = bytes[used..];
            foreach (var character in characters[..made])
            {
                taken |= Add(character);
            }
        }

        return taken;
    }

    /// <summary>No more will come.</summary>
    public void End() => EndLine();

    private bool Add(char character)
    {
        if (character is '\n' or '\r')
        {
            return EndLine();
        }

        if (_line.Length < LongestLine && !char.IsControl(character))
        {
            _line.Append(character);
        }

        return false;
    }

    private bool EndLine()
    {
        if (_line.Length == 0)
        {
            return false;
        }

        var line = _line.ToString();
        _line.Clear();
        if (takesLine?.Invoke(line) == true)
        {
            return true;
        }

        lock (_gate)
        {
            _kept.Enqueue(line);
            _keptCharacters += line.Length + 1;
            while (_keptCharacters > KeptCharacters)
            {
                _keptCharacters -= _kept.Dequeue().Length + 1;
            }
        }

        return false;
    }
}
