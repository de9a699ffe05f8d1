using System.Buffers.Text;

namespace Sluice.Server.Torrents;

/// <summary>
/// Reads bencoded bytes (BEP 3) from front to back: <c>i7e</c>, <c>4:text</c>, <c>l…e</c>, <c>d…e</c>. The first fault poisons it: from there
/// on there is nothing, and <see cref="IsBroken"/> is to be looked at once, at the end. No count in the bytes leads to an allocation.
/// </summary>
internal ref struct BencodeReader(ReadOnlySpan<byte> bytes)
{
    private const int LongestNumber = 20;

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    /// <summary>There was a fault.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Everything was read.</summary>
    public readonly bool IsAtEnd => !IsBroken && _at == _bytes.Length;

    private readonly byte Next => IsBroken || _at >= _bytes.Length ? (byte)0 : _bytes[_at];

    /// <summary>A dictionary begins. Its keys and values follow as long as <see cref="HasMore"/>.</summary>
    public void EnterDictionary() => Enter((byte)'d');

    /// <summary>A list begins. Its values follow as long as <see cref="HasMore"/>.</summary>
    public void EnterList() => Enter((byte)'l');

    /// <summary>False, once, at the end of the container that was entered last, which is passed.</summary>
    public bool HasMore()
    {
        if (Next == 'e')
        {
            _at++;
            return false;
        }

        IsBroken |= Next == 0;
        return !IsBroken;
    }

    /// <summary>A string of bytes.</summary>
    public ReadOnlySpan<byte> ReadText()
    {
        var length = ReadNumber((byte)':');
        if (IsBroken || length < 0 || length > _bytes.Length - _at)
        {
            IsBroken = true;
            return [];
        }

        var text = _bytes.Slice(_at, (int)length);
        _at += (int)length;
        return text;
    }

    /// <summary>A whole number.</summary>
    public long ReadInteger()
    {
        Enter((byte)'i');
        return ReadNumber((byte)'e');
    }

    /// <summary>A value of any kind, as it stands.</summary>
    public ReadOnlySpan<byte> ReadRaw()
    {
        var start = _at;
        var depth = 0;
        do
        {
            switch (Next)
            {
                case (byte)'d' or (byte)'l':
                    _at++;
                    depth++;
                    break;
                case (byte)'e' when depth > 0:
                    _at++;
                    depth--;
                    break;
                case (byte)'i':
                    ReadInteger();
                    break;
                default:
                    ReadText();
                    break;
            }
        }
        while (depth > 0 && !IsBroken);
        return IsBroken ? [] : _bytes[start.._at];
    }

    private void Enter(byte kind)
    {
        IsBroken |= Next != kind;
        _at++;
    }

    private long ReadNumber(byte end)
    {
        if (IsBroken || _at > _bytes.Length)
        {
            IsBroken = true;
            return 0;
        }

        var digits = _bytes[_at..];
        digits = digits[..Math.Min(digits.Length, LongestNumber + 1)];
        var length = digits.IndexOf(end);
        if (length <= 0 || !Utf8Parser.TryParse(digits[..length], out long value, out var used) || used != length || digits[0] == '+')
        {
            IsBroken = true;
            return 0;
        }

        _at += length + 1;
        return value;
    }
}
