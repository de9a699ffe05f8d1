namespace Sluice.Server.Store;

/// <summary>Reading whole pieces of objects.</summary>
internal static class ObjectReading
{
    /// <summary>Fills <paramref name="destination"/> from <paramref name="offset"/> on; false when the object ends before.</summary>
    public static async ValueTask<bool> ReadAllAsync(
        this IObjectReader reader, long offset, Memory<byte> destination, CancellationToken ct)
    {
        while (!destination.IsEmpty)
        {
            var read = await reader.ReadAsync(offset, destination, ct);
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
