using System.Buffers.Binary;
using System.Text;

namespace Sluice.Media.Matroska;

/// <summary>
/// The children of one element whose body is in memory, one after the other. A child that is cut off ends the pass.
/// <code>
/// while (children.Next()) { switch (children.Id) { case …: children.UInt … } }
/// </code>
/// </summary>
internal ref struct EbmlChildren(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Of the current child.</summary>
    public uint Id { get; private set; }

    /// <summary>Body of the current child.</summary>
    public ReadOnlySpan<byte> Body { get; private set; }

    /// <summary>Body as an unsigned integer of 0 to 8 bytes; of more, the last eight.</summary>
    public readonly ulong UInt
    {
        get
        {
            var value = 0UL;
            foreach (var b in Body)
            {
                value = (value << 8) | b;
            }

            return value;
        }
    }

    /// <summary>Body as a number of 4 or 8 bytes in IEEE 754; 0 for any other length.</summary>
    public readonly double Float => Body.Length switch
    {
        4 => BinaryPrimitives.ReadSingleBigEndian(Body),
        8 => BinaryPrimitives.ReadDoubleBigEndian(Body),
        _ => 0,
    };

    /// <summary>Body as text up to its first zero.</summary>
    public readonly string Text
    {
        get
        {
            var zero = Body.IndexOf((byte)0);
            return Encoding.UTF8.GetString(zero < 0 ? Body : Body[..zero]);
        }
    }

    /// <summary>Steps to the next child.</summary>
    public bool Next()
    {
        if (!EbmlElement.TryRead(_rest, out var id, out var size, out var headBytes) || size is not { } bytes || bytes > _rest.Length - headBytes)
        {
            return false;
        }

        Id = id;
        Body = _rest.Slice(headBytes, (int)bytes);
        _rest = _rest[(headBytes + (int)bytes)..];
        return true;
    }
}
