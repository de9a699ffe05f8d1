using Shouldly;
using Sluice.Media.MpegTs;
using Sluice.Tests;
using Xunit;

namespace Sluice.Media.Tests.MpegTs;

/// <summary>Packets are found in bytes that come in any pieces, in any of the three widths, with anything between them.</summary>
public sealed class TsFramingTests
{
    [Theory]
    [InlineData(188, 0, 0)]
    [InlineData(192, 4, 0)]
    [InlineData(204, 0, 16)]
    public void Packets_of_every_width_come_out_whatever_the_pieces(int stride, int before, int after)
    {
        var packets = Packets(50);
        var stream = packets.SelectMany(p => Junk(before).Concat(p).Concat(Junk(after))).ToArray();
        foreach (var piece in new[] { 1, 3, 187, 188, 189, 1000, stream.Length })
        {
            var framing = new TsFraming();

            Take(framing, stream, piece).ShouldBe(packets.SelectMany(p => p).ToArray(), $"in pieces of {piece}");
            (framing.StrideBytes, framing.LostBytes, framing.Losses).ShouldBe((stride, 0, 0));
        }
    }

    [Fact]
    public void Whole_runs_come_out_at_once()
    {
        ReadOnlySpan<byte> bytes = Packets(50).SelectMany(p => p).ToArray();
        var framing = new TsFraming();
        framing.TryTake(ref bytes, out _).ShouldBeTrue();
        while (framing.TryTake(ref bytes, out var run))
        {
            if (run.Length > 188)
            {
                run.Length.ShouldBeGreaterThan(40 * 188);
                return;
            }
        }

        Assert.Fail("one by one");
    }

    [Fact]
    public void What_is_out_of_step_is_left_out_and_counted()
    {
        var packets = Packets(60);
        var stream = new List<byte>(Junk(1000));
        stream.AddRange(packets.Take(20).SelectMany(p => p));
        stream.AddRange(packets[20].AsSpan(0, 77));
        stream.AddRange(packets.Skip(21).Take(20).SelectMany(p => p));
        stream.AddRange(Junk(5000));
        stream.AddRange(packets.Skip(41).SelectMany(p => p));
        foreach (var piece in new[] { 1, 100, 188, 4096, 100_000 })
        {
            var framing = new TsFraming();

            var found = Take(framing, [.. stream], piece);

            // The packet that was cut takes the front of its neighbour along: nobody can know where it was cut.
            var wanted = packets.Take(20).Append([.. packets[20].AsSpan(0, 77), .. packets[21].AsSpan(0, 111)]).Concat(packets.Skip(22)).SelectMany(p => p);
            found.ShouldBe(wanted.ToArray(), $"in pieces of {piece}");
            (framing.Losses, framing.LostBytes).ShouldBe((2, 1000 + 77 + 5000));
        }
    }

    [Fact]
    public void A_segment_that_was_cut_off_ends_with_its_last_whole_packet()
    {
        var packets = Packets(10);
        var framing = new TsFraming();

        var first = Take(framing, [.. packets.Take(5).SelectMany(p => p), .. packets[5].AsSpan(0, 100)], 512);
        framing.Restart().ShouldBe(100);
        var second = Take(framing, [.. packets.Skip(5).SelectMany(p => p)], 512);

        first.Concat(second).ShouldBe(packets.SelectMany(p => p));
        framing.Losses.ShouldBe(0);
    }

    [Fact]
    public void Bytes_of_chance_are_survived_and_none_is_kept_for_ever()
    {
        var random = new Random(3);
        var junk = new byte[200_000];
        random.NextBytes(junk);
        var framing = new TsFraming();

        var found = Take(framing, junk, 777);

        (found.Length + framing.LostBytes).ShouldBeInRange(junk.Length - 2000, junk.Length);
        Take(framing, [.. Packets(40).SelectMany(p => p)], 777).Length.ShouldBeGreaterThan(36 * 188);
    }

    [Fact]
    public void Nothing_is_allocated_for_packets()
    {
        var stream = Packets(2000).SelectMany(p => p).ToArray();
        var framing = new TsFraming();
        Take(framing, stream, 4096);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var packets = 0;
        for (var at = 0; at + 4096 <= stream.Length; at += 4096)
        {
            ReadOnlySpan<byte> bytes = stream.AsSpan(at, 4096);
            while (framing.TryTake(ref bytes, out var run))
            {
                packets += run.Length / 188;
            }
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        packets.ShouldBeGreaterThan(1500);
    }

    /// <summary>Sync bytes are at their beginnings and nowhere else.</summary>
    private static List<byte[]> Packets(int count)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(n =>
        {
            var packet = Junk(188, random);
            packet[0] = 0x47;
            return packet;
        })];
    }

    private static byte[] Junk(int count, Random? random = null)
    {
        random ??= new Random(2);
        return [.. Enumerable.Range(0, count).Select(_ => (byte)random.Next(0x48, 0x100))];
    }

    private static byte[] Take(TsFraming framing, byte[] stream, int piece)
    {
        var found = new MemoryStream();
        for (var at = 0; at < stream.Length; at += piece)
        {
            ReadOnlySpan<byte> bytes = stream.AsSpan(at, Math.Min(piece, stream.Length - at));
            while (framing.TryTake(ref bytes, out var run))
            {
                (run.Length % 188).ShouldBe(0);
                run.IsEmpty.ShouldBeFalse();
                found.Write(run);
            }

            bytes.Length.ShouldBe(0);
        }

        return found.ToArray();
    }
}
