namespace Sluice.Bench.Live;

/// <summary>Where pictures begin in what ffmpeg muxes: PID 0x100.</summary>
internal static class TsPictures
{
    private const int Packet = 188;

    /// <summary>Where the last one begins, which was cut off by whoever stopped reading; 0 when there is none.</summary>
    public static int Last(ReadOnlySpan<byte> stream)
    {
        var at = (stream.Length / Packet * Packet) - Packet;
        while (at > 0 && !BeginsAt(stream, at))
        {
            at -= Packet;
        }

        return Math.Max(0, at);
    }

    /// <summary>How many begin.</summary>
    public static int Count(ReadOnlySpan<byte> stream)
    {
        var count = 0;
        for (var at = 0; at + Packet <= stream.Length; at += Packet)
        {
            count += BeginsAt(stream, at) ? 1 : 0;
        }

        return count;
    }

    private static bool BeginsAt(ReadOnlySpan<byte> stream, int at) => stream[at + 1] == 0x41 && stream[at + 2] == 0;
}
