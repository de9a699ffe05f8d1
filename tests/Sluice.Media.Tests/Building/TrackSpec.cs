using Sluice.Media.IsoBmff;
using Sluice.Media.IsoBmff.Boxes;

namespace Sluice.Media.Tests.Building;

/// <summary>One track as a test wants it in the file. Fluent; everything has a plain default.</summary>
internal sealed class TrackSpec(uint id, FourCc handler, byte[] entry, uint timescale)
{
    public uint Id => id;

    public FourCc Handler => handler;

    public List<SampleSpec> Samples { get; } = [];

    public List<byte[]> Entries { get; } = [entry];

    public uint Timescale { get; private set; } = timescale;

    public List<EditEntry>? Edits { get; private set; }

    public int SamplesPerChunk { get; private set; } = 4;

    public SizeCoding Sizes { get; private set; }

    public SyncCoding Syncs { get; private set; }

    public byte OffsetsVersion { get; private set; }

    public string Language { get; private set; } = "und";

    /// <summary>Whole boxes that stand in <c>stbl</c> instead of the one of their type; null leaves it out.</summary>
    public Dictionary<string, byte[]?> Tables { get; } = [];

    /// <summary>Boxes put at the end of <c>trak</c>.</summary>
    public List<byte[]> Extra { get; } = [];

    /// <summary>Frames by letter, in decode order: I is an IDR, i an open GOP's I frame, p and b are what they say; a
    /// capital P or B too. Frame sizes vary with the number.</summary>
    /// <param name="letters">One letter a frame.</param>
    /// <param name="duration">Ticks of each.</param>
    /// <param name="offsets">Composition offsets in ticks, repeated as often as needed.</param>
    public TrackSpec Frames(string letters, uint duration = 1, params int[] offsets)
    {
        foreach (var letter in letters)
        {
            var n = Samples.Count;
            var size = 20 + (n * 7 % 50) + (letter is 'I' or 'i' ? 200 : 0);
            var payload = letter switch
            {
                'I' => Payload.Avc(id, n, size, 5),
                'i' => Payload.AvcRecoveryPoint(id, n, size),
                _ => Payload.Avc(id, n, size, 1),
            };
            var offset = offsets.Length == 0 ? 0 : offsets[n % offsets.Length];
            Samples.Add(new SampleSpec(payload, duration, offset, letter is 'I' or 'i'));
        }

        return this;
    }

    /// <summary><paramref name="count"/> sync samples of <paramref name="duration"/> ticks and <paramref name="size"/>
    /// bytes; a size of 0 varies it.</summary>
    public TrackSpec Packets(int count, uint duration = 1024, int size = 0)
    {
        for (var i = 0; i < count; i++)
        {
            var n = Samples.Count;
            Samples.Add(new SampleSpec(Payload.Of(id, n, size > 0 ? size : 10 + (n * 5 % 30)), duration));
        }

        return this;
    }

    /// <summary>Changes the samples so far, one by one; the number counts from 0.</summary>
    public TrackSpec Each(Func<SampleSpec, int, SampleSpec> change)
    {
        for (var i = 0; i < Samples.Count; i++)
        {
            Samples[i] = change(Samples[i], i);
        }

        return this;
    }

    public TrackSpec Sample(SampleSpec sample)
    {
        Samples.Add(sample);
        return this;
    }

    public TrackSpec Scale(uint value)
    {
        Timescale = value;
        return this;
    }

    public TrackSpec Edit(ulong durationTicks, long mediaTime, int rate = 0x10000)
    {
        (Edits ??= []).Add(new EditEntry(durationTicks, mediaTime, rate));
        return this;
    }

    public TrackSpec PerChunk(int samples)
    {
        SamplesPerChunk = samples;
        return this;
    }

    public TrackSpec Coding(SizeCoding sizes)
    {
        Sizes = sizes;
        return this;
    }

    public TrackSpec Coding(SyncCoding syncs)
    {
        Syncs = syncs;
        return this;
    }

    public TrackSpec OffsetsInVersion(byte version)
    {
        OffsetsVersion = version;
        return this;
    }

    public TrackSpec InLanguage(string code)
    {
        Language = code;
        return this;
    }

    public TrackSpec Entry(byte[] entry)
    {
        Entries.Add(entry);
        return this;
    }

    /// <summary>Puts a whole box of one's own in place of a table; null leaves the table out.</summary>
    public TrackSpec Table(string type, byte[]? box)
    {
        Tables[type] = box;
        return this;
    }

    public TrackSpec With(byte[] box)
    {
        Extra.Add(box);
        return this;
    }
}
