using Shouldly;
using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Media.Matroska;

namespace Sluice.Media.Tests.Building;

/// <summary>Segments of Matroska files as whole bytes.</summary>
internal static class MatroskaReading
{
    /// <summary>One segment as a player gets it.</summary>
    public static byte[] BytesOf(this MatroskaSegments segments, IByteSource source, int number, MatroskaTrack track)
    {
        var stretch = segments.TryRead(source, number, out var problem).ShouldNotBeNull(problem);
        var segment = segments.Make(stretch, track, out problem).ShouldNotBeNull(problem);
        segment.Extents.Sum(e => (long)e.LengthBytes).ShouldBe(segment.PayloadBytes);
        return [.. segment.Head.Span, .. segment.Extents.SelectMany(e => Payload(source, track, e))];
    }

    private static byte[] Payload(IByteSource source, MatroskaTrack track, Extent extent)
    {
        if (extent.Source == 1)
        {
            return track.Stripped.Span.Slice((int)extent.Offset, extent.LengthBytes).ToArray();
        }

        var bytes = new byte[extent.LengthBytes];
        for (var filled = 0; filled < bytes.Length;)
        {
            filled += source.Read(extent.Offset + filled, bytes.AsSpan(filled)) is > 0 and var read ? read : throw new EndOfStreamException();
        }

        return bytes;
    }
}
