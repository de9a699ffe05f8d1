using System.Text;
using Sluice.Media.Binary;
using Sluice.Media.IsoBmff.Boxes;
using Sluice.Media.IsoBmff.SampleTables;

namespace Sluice.Media.IsoBmff;

/// <summary>Reads the headers of one <c>trak</c> (ISO/IEC 14496-12 section 8.3.1).</summary>
internal static class TrackReader
{
    private const int LargestHeaderBox = 1 << 20;

    /// <summary>Sample descriptions that are kept; a track with more is odd enough to be re-encoded.</summary>
    private const int MostDescriptions = 16;

    public static MovieTrack Read(
        IByteSource source, BoxRegion trak, IReadOnlyDictionary<uint, TrackExtendsBox> extends, long firstFragment)
    {
        var header = trak.Child(source, "tkhd") is { } tkhd ? TrackHeaderBox.TryParse(tkhd.Load(source, LargestHeaderBox)) : null;
        var id = header?.TrackId ?? 0;
        var edits = trak.Child(source, "edts")?.Child(source, "elst") is { } elst ? ReadEdits(source, elst) : null;
        if (trak.Child(source, "mdia") is not { } mdia)
        {
            return new MovieTrack(id, TrackKind.Other) { Header = header, Problem = "its media box (mdia) is missing" };
        }

        var mdhd = mdia.Child(source, "mdhd") is { } m && MediaHeaderBox.TryParse(m.Load(source, LargestHeaderBox), out var parsed)
            ? parsed
            : default;
        var hdlr = mdia.Child(source, "hdlr") is { } h && HandlerBox.TryParse(h.Load(source, LargestHeaderBox), out var handler)
            ? handler
            : default;
        var stbl = mdia.Child(source, "minf")?.Child(source, "stbl");
        var entries = stbl?.Child(source, "stsd") is { } stsd ? ReadEntries(stsd.Load(source, LargestHeaderBox)) : [];

        return new MovieTrack(id, hdlr.Kind)
        {
            Handler = hdlr.Type,
            Header = header,
            Timescale = mdhd.Timescale,
            Language = ReadExtendedLanguage(source, mdia) ?? mdhd.Language,
            Name = ReadName(source, trak) ?? hdlr.Name,
            Edits = edits,
            IsAuxiliary = hdlr.Type == "auxv",
            SampleEntries = entries,
            Table = stbl is { } table ? Locate(source, table) : new SampleTable(),
            Extends = extends.TryGetValue(id, out var trex) && firstFragment >= 0 ? trex : null,
            FirstFragment = firstFragment,
            Problem = ProblemOf(header, mdhd, stbl, entries, edits),
        };
    }

    private static string? ProblemOf(
        TrackHeaderBox? header, MediaHeaderBox mdhd, BoxRegion? stbl, byte[][] entries, EditEntry[]? edits) =>
        header is null ? "its track header (tkhd) is missing or damaged"
        : mdhd.Timescale == 0 ? "its timescale is zero"
        : stbl is null ? "its sample table (stbl) is missing"
        : entries.Length == 0 ? "its sample description (stsd) is missing or damaged"
        : edits is { Length: 0 } ? "its edit list (elst) is damaged"
        : null;

    /// <summary>Null without entries; empty when damaged.</summary>
    private static EditEntry[]? ReadEdits(IByteSource source, BoxRegion elst)
    {
        var entries = elst.Load(source, LargestHeaderBox) is { } body ? EditListBox.TryParse(body) : null;
        return entries is null ? [] : entries.Length == 0 ? null : entries;
    }

    private static byte[][] ReadEntries(byte[]? stsd)
    {
        if (stsd is not { Length: > 8 })
        {
            return [];
        }

        var entries = new List<byte[]>();
        var boxes = new BoxReader(stsd.AsSpan(8));
        while (entries.Count < MostDescriptions && boxes.Next())
        {
            entries.Add(boxes.Whole.ToArray());
        }

        return [.. entries];
    }

    /// <summary>ExtendedLanguageBox <c>elng</c>: a BCP 47 tag (section 8.4.6).</summary>
    private static string? ReadExtendedLanguage(IByteSource source, BoxRegion mdia)
    {
        if (mdia.Child(source, "elng")?.Load(source, 64) is not { Length: > 4 } body)
        {
            return null;
        }

        var text = Encoding.ASCII.GetString(body.AsSpan(4)).TrimEnd('\0');
        var wellFormed = text.Length is >= 2 and <= 35 && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
        return wellFormed && text != "und" ? text : null;
    }

    /// <summary>User data <c>name</c> of the track, as QuickTime and others write it.</summary>
    private static string? ReadName(IByteSource source, BoxRegion trak)
    {
        if (trak.Child(source, "udta")?.Child(source, "name")?.Load(source, 1024) is not { Length: > 0 } body)
        {
            return null;
        }

        var name = Encoding.UTF8.GetString(body).Trim('\0', ' ');
        return name.Length is > 0 and <= 200 && !name.Contains('\uFFFD') && !name.Any(char.IsControl) ? name : null;
    }

    private static SampleTable Locate(IByteSource source, BoxRegion stbl)
    {
        var table = new SampleTable();
        foreach (var box in stbl.Children(source))
        {
            table = box.Type.ToString() switch
            {
                "stts" => table with { TimeToSample = table.TimeToSample ?? box },
                "ctts" => table with { CompositionOffsets = table.CompositionOffsets ?? box },
                "stsz" => table with { Sizes = table.Sizes ?? box },
                "stz2" => table with { CompactSizes = table.CompactSizes ?? box },
                "stsc" => table with { SampleToChunk = table.SampleToChunk ?? box },
                "stco" => table with { ChunkOffsets = table.ChunkOffsets ?? box },
                "co64" => table with { ChunkOffsets64 = table.ChunkOffsets64 ?? box },
                "stss" => table with { SyncSamples = table.SyncSamples ?? box },
                _ => table,
            };
        }

        return table;
    }
}
