namespace Sluice.Media.Binary;

/// <summary>Reading a whole piece of a source.</summary>
internal static class ByteSourceReading
{
    /// <summary>Fills <paramref name="destination"/> from <paramref name="offset"/>; false when the bytes end, or have landed, before it is full.</summary>
    public static bool TryFill(this IByteSource source, long offset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            var read = source.Read(offset, destination);
            if (read <= 0)
            {
                return false;
            }

            offset += read;
            destination = destination[read..];
        }

        return true;
    }
}
