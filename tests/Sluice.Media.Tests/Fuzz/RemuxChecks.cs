using Sluice.Media.IsoBmff;
using Sluice.Media.Remux;
using Sluice.Media.Tests.Remux;

namespace Sluice.Media.Tests.Fuzz;

/// <summary>What holds for any segment of a channel that is taken apart: in pieces it is the same, and what is made of it are packets.</summary>
internal static class RemuxChecks
{
    private const int SmallPiece = 13;

    public static void Fragments(byte[] bytes) => Check(bytes, static sink =>
    {
        var (units, splitter) = (new FragmentUnits(sink), new SegmentSplitter());
        return piece =>
        {
            ReadOnlySpan<byte> rest = piece;
            while (splitter.TryTake(ref rest, out var media))
            {
                if (media.IsEmpty)
                {
                    units.Open(splitter.Init!.Value, takesVideo: true, takesAudio: true);
                }

                units.Write(media);
                if (units.SegmentSpan is var (start, end) && start > end)
                {
                    throw new InvalidOperationException("A segment ends before it begins.");
                }
            }
        };
    });

    public static void PackedAudio(byte[] bytes) => Check(bytes, static sink => new PackedAudioUnits(sink).WriteArray);

    public static void Transport(byte[] bytes) => Check(bytes, static sink => new TransportUnits(sink, takesVideo: true, takesAudio: true).WriteArray);

    private static void WriteArray(this PackedAudioUnits units, byte[] piece) => units.Write(piece);

    private static void WriteArray(this TransportUnits units, byte[] piece) => units.Write(piece);

    private static void Check(byte[] bytes, Func<IEsSink, Action<byte[]>> source)
    {
        var (whole, pieces) = (new UnitList(), new UnitList());
        source(whole)(bytes);
        var write = source(pieces);
        foreach (var piece in bytes.Chunk(SmallPiece))
        {
            write(piece);
        }

        if (!whole.Texts.SequenceEqual(pieces.Texts))
        {
            throw new InvalidOperationException("In pieces it is another.");
        }

        var remuxed = new Remuxed(isAudioApart: false);
        source(remuxed.Muxer.Main)(bytes);
        if (remuxed.Complete().Bytes.Length % 188 != 0)
        {
            throw new InvalidOperationException("What is made of it are no packets.");
        }
    }
}
