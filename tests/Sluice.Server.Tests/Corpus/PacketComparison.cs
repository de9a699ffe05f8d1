using Sluice.Tests;

namespace Sluice.Server.Tests.Corpus;

/// <summary>Holds what we serve against the source, packet by packet.</summary>
internal static class PacketComparison
{
    /// <summary>What differs, in words; empty when nothing does.</summary>
    /// <param name="source">ffprobe of the source.</param>
    /// <param name="ours">ffprobe of what we serve.</param>
    /// <param name="offsetSeconds">By how much our timestamps, pts and dts alike, are later: one constant, found here.</param>
    public static IEnumerable<string> Differences(PacketStream source, PacketStream ours, out double? offsetSeconds)
    {
        offsetSeconds = null;
        var found = new List<string>();
        var expected = AfterEdits(source.Packets, ours.Packets.Count, found);
        if (expected.Count == 0 || expected.Count != ours.Packets.Count)
        {
            found.Add($"{ours.Packets.Count} packets instead of {expected.Count}");
            return found;
        }

        if (source.TicksPerSecond != ours.TicksPerSecond)
        {
            found.Add($"timescale {ours.TicksPerSecond} instead of {source.TicksPerSecond}");
        }

        var offset = ours.Packets[0].Pts - expected[0].Pts;
        offsetSeconds = (double?)offset / ours.TicksPerSecond;
        Compare("pts", p => p.Pts - offset, p => p.Pts);
        Compare("dts", p => p.Dts - offset, p => p.Dts);
        Compare("size", p => p.Size, p => p.Size);
        Compare("key flag", p => p.IsKey, p => p.IsKey);
        Compare("payload", p => p.Hash, p => p.Hash);
        return found;

        void Compare<T>(string name, Func<Packet, T> ofOurs, Func<Packet, T> ofSource)
        {
            var wrong = Enumerable.Range(0, expected.Count)
                .Where(i => !Equals(ofOurs(ours.Packets[i]), ofSource(expected[i]))).ToList();
            if (wrong.Count > 0)
            {
                found.Add($"{name} of {wrong.Count} packets, first {wrong[0]}: {ofOurs(ours.Packets[wrong[0]])} instead of {ofSource(expected[wrong[0]])}");
            }
        }
    }

    /// <summary>
    /// The source's packets as its edit list leaves them. ffprobe shows those that it cuts off with flag D; at the end
    /// they go, at the start as many stay as we keep for the decoder to settle (priming).
    /// </summary>
    private static List<Packet> AfterEdits(List<Packet> packets, int kept, List<string> found)
    {
        var end = packets.Count;
        while (end > 0 && packets[end - 1].IsDiscarded)
        {
            end--;
        }

        var priming = packets.TakeWhile(static p => p.IsDiscarded).Count();
        var skipped = end - kept;
        if (skipped < 0 || skipped > priming)
        {
            found.Add($"{kept} packets kept of {end}, of which {priming} are priming");
            return [];
        }

        return packets[skipped..end];
    }
}
