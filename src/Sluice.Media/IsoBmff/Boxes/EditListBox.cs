using Sluice.Media.Binary;

namespace Sluice.Media.IsoBmff.Boxes;

/// <summary>One entry of an edit list.</summary>
/// <param name="DurationTicks">Length on the movie's timeline; 0 can mean "to the end" in a fragmented file.</param>
/// <param name="MediaTime">Where in the media it starts, in the track's timescale; −1 is an empty edit.</param>
/// <param name="Rate">Playback rate in 1/65536; 0x10000 is normal.</param>
public readonly record struct EditEntry(ulong DurationTicks, long MediaTime, int Rate)
{
    /// <summary>Nothing is shown for the entry's length.</summary>
    public bool IsEmpty => MediaTime == -1;
}

/// <summary>EditListBox <c>elst</c> (ISO/IEC 14496-12 section 8.6.6).</summary>
public static class EditListBox
{
    /// <summary>Reads the entries in the body of the box; null when the box is cut off.</summary>
    public static EditEntry[]? TryParse(ReadOnlySpan<byte> body)
    {
        var reader = new SpanReader(body);
        var version = reader.ReadUInt8();
        reader.Skip(3);
        var count = reader.ReadUInt32();
        var entryBytes = version == 1 ? 20 : 12;
        if (reader.Failed || count > (uint)(reader.Remaining / entryBytes))
        {
            return null; // The count is checked against the bytes that are there before anything is allocated.
        }

        var entries = new EditEntry[count];
        for (var i = 0; i < entries.Length; i++)
        {
            entries[i] = version == 1
                ? new EditEntry(reader.ReadUInt64(), reader.ReadInt64(), reader.ReadInt32())
                : new EditEntry(reader.ReadUInt32(), reader.ReadInt32(), reader.ReadInt32());
        }

        return entries;
    }
}
