using Shouldly;
using Sluice.Media.MpegTs;
using Sluice.Tests;
using Xunit;

namespace Sluice.Media.Tests.MpegTs;

/// <summary>Counters run on over every seam, and what is missing is announced.</summary>
public sealed class ContinuityRewriterTests(StreamFixtures streams) : IClassFixture<StreamFixtures>
{
    [Fact]
    public void Segments_with_counters_of_their_own_become_one_stream()
    {
        var live = new LiveTs();
        foreach (var segment in Cut(streams["avc"], 5).Select((bytes, n) => Shifted(bytes, n * 7)))
        {
            live.Feed(segment).Seam();
        }

        var packets = TsWalk.Packets(live.Output);
        TsWalk.CountersRunOn(packets);
        packets.Select(p => p.Payload).ShouldBe(TsWalk.Packets(streams["avc"]).Select(p => p.Payload), "nothing is lost, nothing is added");
        (live.Rewriter.Losses, live.Rewriter.Dropped).ShouldBe((0, 0));
    }

    [Fact]
    public void A_pes_packet_that_goes_on_in_the_next_segment_is_kept_whole()
    {
        var stream = streams["avc"];
        var middle = Enumerable.Range(200, 500).First(n =>
             TsWalk.Packets(stream.AsSpan(n * 188, 188).ToArray())[0] is { Start: false, Pid: 0x100, HasPayload: true }) * 188;

        var live = new LiveTs().Feed(stream.AsSpan(0, middle)).Seam().Feed(stream.AsSpan(middle));

        TsWalk.Packets(live.Output).Count.ShouldBe(stream.Length / 188);
    }

    [Fact]
    public void The_rest_of_a_pes_packet_that_nobody_saw_begin_is_left_out()
    {
        var stream = streams["avc"];
        var packets = TsWalk.Packets(stream);
        var last = packets.Take(300).Last(p => p is { Pid: 0x100, HasPayload: true }).Counter;
        var middle = packets.FindIndex(600, p => p is { Start: false, Pid: 0x100, HasPayload: true } && p.Counter != ((last + 1) & 0xF));
        var next = packets.FindIndex(middle, p => p is { Start: true, Pid: 0x100 });
        var segment = stream.AsSpan(middle * 188);

        var live = new LiveTs().Feed(stream.AsSpan(0, 300 * 188)).Seam().Feed(segment);

        var found = TsWalk.Packets(live.Output);
        TsWalk.UnannouncedJumps(found).ShouldBeEmpty();
        found.Skip(300).First(p => p.Pid == 0x100).Payload.ShouldBe(packets[next].Payload);
        live.Rewriter.Dropped.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void After_a_loss_a_stream_is_silent_until_something_begins_and_says_so()
    {
        var stream = streams["avc"];
        var packets = TsWalk.Packets(stream);
        var lost = packets.FindIndex(300, p => p is { Pid: 0x100, Start: false, HasPayload: true });
        var next = packets.FindIndex(lost, p => p is { Pid: 0x100, Start: true });

        var live = new LiveTs().Feed(stream.AsSpan(0, lost * 188)).Feed(stream.AsSpan((lost + 1) * 188));

        var found = TsWalk.Packets(live.Output);
        TsWalk.UnannouncedJumps(found).ShouldBeEmpty();
        var notice = found.FindIndex(p => p.Discontinuity);
        (found[notice].Pid, found[notice].HasPayload).ShouldBe((0x100, false));
        found.Skip(notice + 1).First(p => p.Pid == 0x100).Payload.ShouldBe(packets[next].Payload);
        live.Rewriter.Losses.ShouldBe(1);
        live.Rewriter.Dropped.ShouldBe(packets.Skip(lost + 1).Take(next - lost - 1).Count(p => p.Pid == 0x100 && p.HasPayload));
        Ffmpeg.TryProbe("-show_entries packet=pts -select_streams v", streams.Write("loss.ts", live.Output)).Length.ShouldBeGreaterThan(500);
    }

    [Fact]
    public void A_break_is_announced_on_every_stream_once()
    {
        var pieces = Cut(streams["avc"], 3);

        var live = new LiveTs().Feed(pieces[0]).Seam(isBreak: true).Feed(pieces[2]);

        var found = TsWalk.Packets(live.Output);
        TsWalk.UnannouncedJumps(found).ShouldBeEmpty();
        found.Where(p => p.Discontinuity).Select(p => p.Pid).Order().ShouldBe([0x100, 0x101]);
        live.Rewriter.Losses.ShouldBe(0);
    }

    [Fact]
    public void Stuffing_and_duplicates_are_left_out()
    {
        var stream = streams["padded"];
        var packets = TsWalk.Packets(stream);
        var twice = packets.FindIndex(100, p => p is { Pid: 0x100, Start: false, HasPayload: true }) * 188;
        packets.Count(p => p.Pid == 0x1FFF).ShouldBeGreaterThan(1000);

        var live = new LiveTs().Feed([.. stream.AsSpan(0, twice + 188), .. stream.AsSpan(twice)]);

        var found = TsWalk.Packets(live.Output);
        TsWalk.CountersRunOn(found);
        found.Select(p => p.Payload).ShouldBe(packets.Where(p => p.Pid != 0x1FFF).Select(p => p.Payload));
    }

    [Fact]
    public void Broken_packets_of_any_kind_are_survived()
    {
        var random = new Random(9);
        var stream = (byte[])streams["avc"].Clone();
        for (var i = 0; i < 3000; i++)
        {
            var at = random.Next(stream.Length);
            stream[at] = at % 188 == 0 ? stream[at] : (byte)random.Next(256);
        }

        var live = new LiveTs().Feed(stream);

        TsWalk.UnannouncedJumps([.. TsWalk.Packets(live.Output).Where(p => p.Pid is 0x100 or 0x101)]).ShouldBeEmpty();
    }

    [Fact]
    public void Nothing_is_allocated()
    {
        var stream = streams["avc"];
        var rewriter = new ContinuityRewriter();
        var room = new byte[ContinuityRewriter.MostBytes];
        Run();
        var before = GC.GetAllocatedBytesForCurrentThread();

        Run();

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);

        void Run()
        {
            rewriter.Seam(true);
            for (var at = 0; at < stream.Length; at += 188)
            {
                rewriter.Rewrite(stream.AsSpan(at, 188), room);
            }
        }
    }

    /// <summary>Pieces that each begin with tables, as segments do.</summary>
    internal static List<byte[]> Cut(byte[] stream, int pieces)
    {
        var packets = TsWalk.Packets(stream);
        var cuts = Enumerable.Range(1, pieces - 1).Select(n => packets.FindIndex(packets.Count * n / pieces, p => p.Pid == 0)).ToList();
        return [.. cuts.Prepend(0).Zip(cuts.Append(packets.Count)).Select(c => stream[(c.First * 188)..(c.Second * 188)])];
    }

    private static byte[] Shifted(byte[] stream, int by)
    {
        for (var at = 0; at < stream.Length; at += 188)
        {
            stream[at + 3] = (byte)((stream[at + 3] & 0xF0) | ((stream[at + 3] + by) & 0xF));
        }

        return stream;
    }
}
