using Sluice.Media.Binary;
using Sluice.Media.IsoBmff;
using Sluice.Media.IsoBmff.Boxes;

namespace Sluice.Media.Cmaf;

/// <summary>What the CMAF header of one track says.</summary>
/// <param name="TrackId">track_ID, from 1.</param>
/// <param name="Kind">Video or audio.</param>
/// <param name="Timescale">Ticks in a second.</param>
/// <param name="SampleEntry">One whole, normalised sample entry.</param>
/// <param name="Language">ISO 639-2/T code or null.</param>
/// <param name="Matrix">36 bytes of rotation; empty for none.</param>
/// <param name="Width">Presented width in 1/65536 pixels.</param>
/// <param name="Height">Presented height in 1/65536 pixels.</param>
public readonly record struct InitSegment(
    uint TrackId,
    TrackKind Kind,
    uint Timescale,
    ReadOnlyMemory<byte> SampleEntry,
    string? Language,
    ReadOnlyMemory<byte> Matrix,
    uint Width,
    uint Height);

/// <summary>Writes CMAF headers, the init segments of HLS and DASH (ISO/IEC 23000-19 section 7.3.1).</summary>
public static class InitSegmentWriter
{
    /// <summary>The whole init segment: <c>ftyp</c> and <c>moov</c> with empty sample tables.</summary>
    public static byte[] Write(in InitSegment init)
    {
        var w = new SpanWriter(1024);
        var ftyp = w.BeginBox("ftyp");
        w.WriteUInt32(new FourCc("iso6").Value);
        w.WriteUInt32(0);
        foreach (var brand in (ReadOnlySpan<string>)["iso6", "cmfc", "dash"])
        {
            w.WriteUInt32(new FourCc(brand).Value);
        }

        w.EndBox(ftyp);
        var moov = w.BeginBox("moov");
        WriteMovieHeader(w, init);
        var trak = w.BeginBox("trak");
        WriteTrackHeader(w, init);
        WriteMedia(w, init);
        w.EndBox(trak);
        var mvex = w.BeginBox("mvex");
        var trex = w.BeginFullBox("trex", 0, 0);
        w.WriteUInt32(init.TrackId);
        w.WriteUInt32(1);
        w.WriteZeros(12);
        w.EndBox(trex);
        w.EndBox(mvex);
        w.EndBox(moov);
        return w.ToArray();
    }

    private static void WriteMovieHeader(SpanWriter w, in InitSegment init)
    {
        var box = w.BeginFullBox("mvhd", 0, 0);
        w.WriteZeros(8);
        w.WriteUInt32(init.Timescale);
        w.WriteUInt32(0);
        w.WriteUInt32(0x10000);
        w.WriteUInt16(0x100);
        w.WriteZeros(10);
        w.WriteBytes(TrackHeaderBox.IdentityMatrix);
        w.WriteZeros(24);
        w.WriteUInt32(init.TrackId + 1);
        w.EndBox(box);
    }

    private static void WriteTrackHeader(SpanWriter w, in InitSegment init)
    {
        var box = w.BeginFullBox("tkhd", 0, 7);
        w.WriteZeros(8);
        w.WriteUInt32(init.TrackId);
        w.WriteZeros(16);
        w.WriteUInt16(0);
        w.WriteUInt16(0);
        w.WriteUInt16(init.Kind == TrackKind.Audio ? (ushort)0x100 : (ushort)0);
        w.WriteUInt16(0);
        w.WriteBytes(init.Matrix.Length == 36 ? init.Matrix.Span : TrackHeaderBox.IdentityMatrix);
        w.WriteUInt32(init.Width);
        w.WriteUInt32(init.Height);
        w.EndBox(box);
    }

    private static void WriteMedia(SpanWriter w, in InitSegment init)
    {
        var mdia = w.BeginBox("mdia");
        var mdhd = w.BeginFullBox("mdhd", 0, 0);
        w.WriteZeros(8);
        w.WriteUInt32(init.Timescale);
        w.WriteUInt32(0);
        w.WriteUInt16(PackLanguage(init.Language));
        w.WriteUInt16(0);
        w.EndBox(mdhd);

        var isVideo = init.Kind == TrackKind.Video;
        var hdlr = w.BeginFullBox("hdlr", 0, 0);
        w.WriteUInt32(0);
        w.WriteUInt32(new FourCc(isVideo ? "vide" : "soun").Value);
        w.WriteZeros(12);
        w.WriteBytes(isVideo ? "Video\0"u8 : "Audio\0"u8);
        w.EndBox(hdlr);

        var minf = w.BeginBox("minf");
        var header = isVideo ? w.BeginFullBox("vmhd", 0, 1) : w.BeginFullBox("smhd", 0, 0);
        w.WriteZeros(isVideo ? 8 : 4);
        w.EndBox(header);
        var dinf = w.BeginBox("dinf");
        var dref = w.BeginFullBox("dref", 0, 0);
        w.WriteUInt32(1);
        w.EndBox(w.BeginFullBox("url ", 0, 1));
        w.EndBox(dref);
        w.EndBox(dinf);
        WriteEmptySampleTable(w, init.SampleEntry.Span);
        w.EndBox(minf);
        w.EndBox(mdia);
    }

    private static void WriteEmptySampleTable(SpanWriter w, ReadOnlySpan<byte> sampleEntry)
    {
        var stbl = w.BeginBox("stbl");
        var stsd = w.BeginFullBox("stsd", 0, 0);
        w.WriteUInt32(1);
        w.WriteBytes(sampleEntry);
        w.EndBox(stsd);
        foreach (var (type, zeros) in (ReadOnlySpan<(string, int)>)[("stts", 4), ("stsc", 4), ("stsz", 8), ("stco", 4)])
        {
            var table = w.BeginFullBox(type, 0, 0);
            w.WriteZeros(zeros);
            w.EndBox(table);
        }

        w.EndBox(stbl);
    }

    private static ushort PackLanguage(string? language)
    {
        var letters = language is { Length: 3 } && language.All(char.IsAsciiLetterLower) ? language : "und";
        return (ushort)(((letters[0] - 0x60) << 10) | ((letters[1] - 0x60) << 5) | (letters[2] - 0x60));
    }
}
