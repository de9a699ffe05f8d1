using Sluice.Media.Binary;

namespace Sluice.Media.Matroska;

/// <summary>Sizes of the frames that one block holds (RFC 9559 section 10.3): all but the last are said, the last has what remains.</summary>
internal static class MatroskaLacing
{
    private const int None = 0;
    private const int Xiph = 1;
    private const int Fixed = 2;

    /// <summary>Reads the sizes at the window's position, which then is where the first frame begins.</summary>
    /// <param name="window">Behind the block's flags.</param>
    /// <param name="lacing">Bits 1 and 2 of the flags.</param>
    /// <param name="end">Where the block ends.</param>
    /// <param name="sizes">Filled with a size for each frame.</param>
    public static bool TryRead(ByteWindow window, int lacing, long end, List<int> sizes)
    {
        sizes.Clear();
        var frames = lacing == None ? 1 : window.ReadUInt8() + 1;
        var said = 0L;
        if (lacing == Fixed)
        {
            var each = (end - window.Position) / frames;
            if (each * frames != end - window.Position || each is < 0 or > int.MaxValue)
            {
                return false;
            }

            sizes.AddRange(Enumerable.Repeat((int)each, frames));
            return !window.Failed;
        }

        for (var i = 0; i < frames - 1; i++)
        {
            var size = lacing == Xiph ? ReadXiph(window) : ReadEbml(window, i == 0 ? null : sizes[^1]);
            if (size is not { } bytes || window.Failed)
            {
                return false;
            }

            sizes.Add(bytes);
            said += bytes;
        }

        var last = end - window.Position - said;
        if (last is < 0 or > int.MaxValue || window.Failed)
        {
            return false;
        }

        sizes.Add((int)last);
        return true;
    }

    private static int? ReadXiph(ByteWindow window)
    {
        var size = 0;
        byte part;
        do
        {
            part = window.ReadUInt8();
            size += part;
        }
        while (part == 255 && size < 1 << 24);
        return size;
    }

    /// <summary>The first as it is, each other as the difference to the one before, around the middle of what its bytes can hold.</summary>
    private static int? ReadEbml(ByteWindow window, int? before)
    {
        if (!EbmlNumber.TryRead(window.Peek(8), keepMarker: false, out var value, out var length))
        {
            return null;
        }

        window.SeekTo(window.Position + length);
        var size = before is null ? (long)value : before.Value + (long)value - ((1L << ((7 * length) - 1)) - 1);
        return size is >= 0 and <= int.MaxValue ? (int)size : null;
    }
}
