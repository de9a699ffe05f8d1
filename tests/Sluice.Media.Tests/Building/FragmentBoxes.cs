using Sluice.Media.Binary;
using static Sluice.Media.Tests.Building.BoxWriting;

namespace Sluice.Media.Tests.Building;

/// <summary>How a fragment tells where its data lies (ISO/IEC 14496-12 section 8.8.7.1).</summary>
internal enum FragmentBase
{
    /// <summary>default-base-is-moof.</summary>
    Moof,

    /// <summary>An explicit base-data-offset.</summary>
    Explicit,

    /// <summary>Neither: the first run counts from the moof, those that follow from the end of the one before.</summary>
    Implied,
}

/// <summary>Movie fragments: <c>moof</c> and <c>mdat</c>.</summary>
internal static class FragmentBoxes
{
    private const uint NonSync = 0x0101_0000;
    private const uint Sync = 0x0200_0000;

    /// <summary>One fragment with a run of each track.</summary>
    /// <param name="sequence">Of <c>mfhd</c>.</param>
    /// <param name="start">Where in the file it will lie.</param>
    /// <param name="runs">Track, decode time of the first sample (null leaves <c>tfdt</c> out) and samples.</param>
    /// <param name="dataBase">How offsets are told.</param>
    public static byte[] Fragment(
        uint sequence, long start, IReadOnlyList<(TrackSpec Track, long? Decode, List<SampleSpec> Samples)> runs,
        FragmentBase dataBase)
    {
        var length = Moof(0).Length;
        var data = runs.SelectMany(r => r.Samples).SelectMany(s => s.Payload).ToArray();
        return [.. Moof(length + 8), .. Box("mdat", data)];

        byte[] Moof(long dataAt)
        {
            var trafs = new List<byte[]> { Words("mfhd", sequence) };
            foreach (var (track, decode, samples) in runs)
            {
                trafs.Add(Traf(track, decode, samples, start, dataAt, dataBase, isFirst: trafs.Count == 1));
                dataAt += samples.Sum(s => s.Payload.Length);
            }

            return Box("moof", [.. trafs]);
        }
    }

    public static byte[] MovieExtends(IEnumerable<TrackSpec> tracks) =>
        Box("mvex", [.. tracks.Select(t => Words("trex", t.Id, 1, 0, 0, 0))]);

    private static byte[] Traf(
        TrackSpec track, long? decode, List<SampleSpec> samples, long start, long dataAt, FragmentBase dataBase, bool isFirst)
    {
        var tfhd = FullBox("tfhd", 0, dataBase switch
        {
            FragmentBase.Moof => 0x20000u,
            FragmentBase.Explicit => 0x1u,
            _ => 0u,
        }, w =>
        {
            w.WriteUInt32(track.Id);
            if (dataBase == FragmentBase.Explicit)
            {
                w.WriteUInt64((ulong)(start + dataAt));
            }
        });
        var hasOffset = dataBase == FragmentBase.Moof || (dataBase == FragmentBase.Implied && isFirst);
        var trun = FullBox("trun", 1, hasOffset ? 0xF01u : 0xF00u, w =>
        {
            w.WriteUInt32((uint)samples.Count);
            if (hasOffset)
            {
                w.WriteInt32((int)dataAt);
            }

            foreach (var sample in samples)
            {
                w.WriteUInt32(sample.Duration);
                w.WriteUInt32((uint)sample.Payload.Length);
                w.WriteUInt32(sample.IsSync ? Sync : NonSync);
                w.WriteInt32(sample.Offset);
            }
        });
        byte[][] tfdt = decode is { } time ? [FullBox("tfdt", 1, 0, w => w.WriteUInt64((ulong)time))] : [];
        return Box("traf", [tfhd, .. tfdt, trun]);
    }
}
