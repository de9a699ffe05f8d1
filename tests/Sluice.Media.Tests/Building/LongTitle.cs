using Sluice.Media.IsoBmff.Boxes;
using static Sluice.Media.Tests.Building.BoxWriting;

namespace Sluice.Media.Tests.Building;

/// <summary>
/// A title of many hours as a <see cref="SparseFile"/>: H.264 at 30 fps with a keyframe every two seconds, and AAC.
/// Chunks of one second: 30 frames of 4 KiB, then 43 packets of 256 bytes.
/// </summary>
internal static class LongTitle
{
    private const int Fps = 30, FrameBytes = 4096, PacketsPerSecond = 43, PacketBytes = 256;
    private const int ChunkBytes = (Fps * FrameBytes) + (PacketsPerSecond * PacketBytes);

    /// <summary>A title of this length.</summary>
    /// <param name="length">How long it is.</param>
    /// <param name="movieLast">Its tables lie behind its media.</param>
    /// <param name="keySeconds">Seconds between keyframes, as its tables say.</param>
    public static SparseFile Of(TimeSpan length, bool movieLast = false, int keySeconds = 2) => Make(length, movieLast, keySeconds).File;

    /// <summary>The pictures of a second, as they lie in the file.</summary>
    public static byte[] Pictures(TimeSpan length, bool movieLast, long second)
    {
        var (file, dataAt) = Make(length, movieLast);
        var pictures = new byte[Fps * FrameBytes];
        file.Read(dataAt + (second * ChunkBytes), pictures);
        return pictures;
    }

    private static (SparseFile File, long DataAt) Make(TimeSpan length, bool movieLast, int keySeconds = 2)
    {
        var seconds = (long)length.TotalSeconds;
        long dataAt = 0;
        SparseFile.Part Type() => SparseFile.Bytes(Box("ftyp", "isom"u8.ToArray(), new byte[4]));
        SparseFile.Part Movie() => SparseFile.Box("moov", SparseFile.Bytes(Words("mvhd", [0, 0, 1000, 0, 0x10000, .. new uint[20]])),
            Track(1, "vide", SampleEntries.Avc, 30, 1, seconds * Fps, Fps, FrameBytes, seconds, dataAt,
                SparseFile.Box("stss", Count(seconds / keySeconds), SparseFile.Words(seconds / keySeconds, n => (uint)(n * keySeconds * Fps) + 1))),
            Track(2, "soun", SampleEntries.Aac, 44_032, 1024, seconds * PacketsPerSecond, PacketsPerSecond, PacketBytes,
                seconds, dataAt + (Fps * FrameBytes)));

        var media = new SparseFile.Part(seconds * ChunkBytes, Data, []);
        var data = SparseFile.Box("mdat", media);
        dataAt = Type().Length + (movieLast ? 0 : Movie().Length) + data.Length - media.Length;
        return (movieLast ? new SparseFile(Type(), data, Movie()) : new SparseFile(Type(), Movie(), data), dataAt);
    }

    private static SparseFile.Part Track(
        uint id, string handler, byte[] entry, uint timescale, uint duration, long samples, int perChunk, int size, long chunks,
        long firstChunk, params SparseFile.Part[] more)
    {
        var tkhd = FullBox("tkhd", 0, 7, w =>
        {
            w.WriteZeros(8);
            w.WriteUInt32(id);
            w.WriteZeros(24);
            w.WriteBytes(TrackHeaderBox.IdentityMatrix);
            w.WriteZeros(8);
        });
        var hdlr = Box("hdlr", new byte[8], System.Text.Encoding.ASCII.GetBytes(handler), new byte[13]);
        return SparseFile.Box("trak", SparseFile.Bytes(tkhd), SparseFile.Box("mdia",
            SparseFile.Bytes(Words("mdhd", 0, 0, timescale, 0, 0x55C40000)),
            SparseFile.Bytes(hdlr),
            SparseFile.Box("minf", SparseFile.Box("stbl",
            [
                SparseFile.Bytes(FullBox("stsd", 0, 0, w =>
                {
                    w.WriteUInt32(1);
                    w.WriteBytes(entry);
                })),
                SparseFile.Bytes(Words("stts", 1, (uint)samples, duration)),
                SparseFile.Bytes(Words("stsc", 1, 1, (uint)perChunk, 1)),
                SparseFile.Box("stsz", SparseFile.Bytes(new byte[8]), SparseFile.Words(1, _ => (uint)samples),
                    SparseFile.Words(samples, _ => (uint)size)),
                SparseFile.Box("co64", Count(chunks), SparseFile.Words(chunks * 2, n =>
                    (uint)((firstChunk + (n / 2 * ChunkBytes)) >> (n % 2 == 0 ? 32 : 0)))),
                .. more,
            ]))));
    }

    private static SparseFile.Part Count(long count) => SparseFile.Bytes([0, 0, 0, 0,
        (byte)(count >> 24), (byte)(count >> 16), (byte)(count >> 8), (byte)count]);

    /// <summary>Zeros but for each frame's length and NAL unit type.</summary>
    private static void Data(long at, Span<byte> destination)
    {
        destination.Clear();
        var end = at + destination.Length;
        for (var second = at / ChunkBytes; second * ChunkBytes < end; second++)
        {
            for (var frame = 0; frame < Fps; frame++)
            {
                var start = (second * ChunkBytes) + (frame * FrameBytes) - at;
                Put(destination, start + 2, (FrameBytes - 4) >> 8);
                Put(destination, start + 3, (FrameBytes - 4) & 0xFF);
                Put(destination, start + 4, frame == 0 && second % 2 == 0 ? 0x65 : 0x41);
            }
        }
    }

    private static void Put(Span<byte> destination, long at, int value)
    {
        if (at >= 0 && at < destination.Length)
        {
            destination[(int)at] = (byte)value;
        }
    }
}
