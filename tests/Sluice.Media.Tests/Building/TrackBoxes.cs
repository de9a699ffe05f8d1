using Sluice.Media.Binary;
using Sluice.Media.IsoBmff;
using Sluice.Media.IsoBmff.Boxes;
using static Sluice.Media.Tests.Building.BoxWriting;

namespace Sluice.Media.Tests.Building;

/// <summary>A <see cref="TrackSpec"/> as a <c>trak</c> box.</summary>
internal static class TrackBoxes
{
    /// <param name="track">The track.</param>
    /// <param name="samples">Those that the sample table describes.</param>
    /// <param name="chunkOffsets">Where each chunk lies.</param>
    /// <param name="use64">Write <c>co64</c>.</param>
    public static byte[] Trak(TrackSpec track, IReadOnlyList<SampleSpec> samples, long[] chunkOffsets, bool use64)
    {
        var isVideo = track.Handler == "vide";
        var tkhd = FullBox("tkhd", 0, 7, w =>
        {
            w.WriteZeros(8);
            w.WriteUInt32(track.Id);
            w.WriteZeros(4 + 4 + 8 + 2 + 2 + 2 + 2);
            w.WriteBytes(TrackHeaderBox.IdentityMatrix);
            w.WriteUInt32(isVideo ? 64u << 16 : 0);
            w.WriteUInt32(isVideo ? 48u << 16 : 0);
        });
        var mdhd = FullBox("mdhd", 0, 0, w =>
        {
            w.WriteZeros(8);
            w.WriteUInt32(track.Timescale);
            w.WriteUInt32((uint)samples.Sum(s => s.Duration));
            var l = track.Language;
            w.WriteUInt16((ushort)(((l[0] - 0x60) << 10) | ((l[1] - 0x60) << 5) | (l[2] - 0x60)));
            w.WriteUInt16(0);
        });
        var hdlr = FullBox("hdlr", 0, 0, w =>
        {
            w.WriteUInt32(0);
            w.WriteUInt32(track.Handler.Value);
            w.WriteZeros(13);
        });
        var header = isVideo ? FullBox("vmhd", 0, 1, w => w.WriteZeros(8)) : FullBox("smhd", 0, 0, w => w.WriteZeros(4));
        var minf = Box("minf", header, SampleTable(track, samples, chunkOffsets, use64));
        return Box("trak", [tkhd, .. EditList(track), Box("mdia", mdhd, hdlr, minf), .. track.Extra]);
    }

    /// <summary>Chunks of a track: how many samples each holds. A change of description begins a new one.</summary>
    public static List<int> Chunks(TrackSpec track, IReadOnlyList<SampleSpec> samples)
    {
        var chunks = new List<int>();
        for (var i = 0; i < samples.Count; i++)
        {
            var begins = chunks.Count == 0 || chunks[^1] == track.SamplesPerChunk
                || samples[i].Description != samples[i - 1].Description;
            if (begins)
            {
                chunks.Add(0);
            }

            chunks[^1]++;
        }

        return chunks;
    }

    private static byte[][] EditList(TrackSpec track) => track.Edits is not { } edits ? [] :
    [
        Box("edts", FullBox("elst", 1, 0, w =>
        {
            w.WriteUInt32((uint)edits.Count);
            foreach (var edit in edits)
            {
                w.WriteUInt64(edit.DurationTicks);
                w.WriteUInt64((ulong)edit.MediaTime);
                w.WriteInt32(edit.Rate);
            }
        })),
    ];

    private static byte[] SampleTable(TrackSpec track, IReadOnlyList<SampleSpec> samples, long[] chunkOffsets, bool use64)
    {
        var tables = new List<(string Type, byte[]? Box)>
        {
            ("stsd", FullBox("stsd", 0, 0, w =>
            {
                w.WriteUInt32((uint)track.Entries.Count);
                track.Entries.ForEach(e => w.WriteBytes(e));
            })),
            ("stts", Runs("stts", 0, samples.Select(s => (int)s.Duration))),
            ("ctts", samples.Any(s => s.Offset != 0) ? Runs("ctts", track.OffsetsVersion, samples.Select(s => s.Offset)) : null),
            ("stss", Syncs(track, samples)),
            ("stsc", SamplesToChunks(track, samples)),
            ("stsz", track.Sizes is SizeCoding.Full or SizeCoding.Constant ? Sizes(track, samples) : null),
            ("stz2", track.Sizes is SizeCoding.Full or SizeCoding.Constant ? null : CompactSizes((int)track.Sizes, samples)),
            ("stco", use64 ? null : Words("stco", [(uint)chunkOffsets.Length, .. chunkOffsets.Select(o => (uint)o)])),
            ("co64", use64 ? Offsets64(chunkOffsets) : null),
        };
        return Box("stbl", [.. tables
            .Select(t => track.Tables.TryGetValue(t.Type, out var own) ? own : t.Box).OfType<byte[]>()]);
    }

    private static byte[]? Syncs(TrackSpec track, IReadOnlyList<SampleSpec> samples)
    {
        if (track.Syncs == SyncCoding.Empty)
        {
            return Words("stss", 0);
        }

        if (track.Syncs == SyncCoding.Absent || samples.All(s => s.IsSync))
        {
            return null;
        }

        var numbers = samples.Select((s, i) => (s.IsSync, Number: (uint)i + 1)).Where(x => x.IsSync).Select(x => x.Number);
        return Words("stss", [(uint)samples.Count(s => s.IsSync), .. numbers]);
    }

    private static byte[] SamplesToChunks(TrackSpec track, IReadOnlyList<SampleSpec> samples)
    {
        var rows = new List<uint>();
        var first = 0;
        var chunk = 0u;
        foreach (var count in Chunks(track, samples))
        {
            chunk++;
            var description = (uint)samples[first].Description;
            if (rows.Count == 0 || rows[^2] != count || rows[^1] != description)
            {
                rows.AddRange([chunk, (uint)count, description]);
            }

            first += count;
        }

        return Words("stsc", [(uint)rows.Count / 3, .. rows]);
    }

    private static byte[] Sizes(TrackSpec track, IReadOnlyList<SampleSpec> samples) => track.Sizes == SizeCoding.Constant
        ? Words("stsz", (uint)samples[0].Payload.Length, (uint)samples.Count)
        : Words("stsz", [0, (uint)samples.Count, .. samples.Select(s => (uint)s.Payload.Length)]);

    private static byte[] CompactSizes(int bits, IReadOnlyList<SampleSpec> samples) => FullBox("stz2", 0, 0, w =>
    {
        w.WriteUInt32((uint)bits);
        w.WriteUInt32((uint)samples.Count);
        for (var i = 0; i < samples.Count; i++)
        {
            var size = samples[i].Payload.Length;
            switch (bits)
            {
                case 16:
                    w.WriteUInt16(checked((ushort)size));
                    break;
                case 8:
                    w.WriteUInt8(checked((byte)size));
                    break;
                default:
                    var next = i + 1 < samples.Count ? samples[i + 1].Payload.Length : 0;
                    w.WriteUInt8(checked((byte)((size << 4) | next)));
                    i++;
                    break;
            }
        }
    });

    private static byte[] Offsets64(long[] offsets) => FullBox("co64", 0, 0, w =>
    {
        w.WriteUInt32((uint)offsets.Length);
        foreach (var offset in offsets)
        {
            w.WriteUInt64((ulong)offset);
        }
    });
}
