using Shouldly;
using Sluice.Media.MpegTs;
using Sluice.Tests;
using Xunit;

namespace Sluice.Media.Tests.MpegTs;

/// <summary>Whatever a stream has lost on its way, what goes on are pictures and sounds of the source, whole ones, that can be decoded.</summary>
public sealed class PesLossTests(StreamFixtures streams) : IClassFixture<StreamFixtures>
{
    private const int Video = 0x100;
    private const int Audio = 0x101;

    [Theory]
    [InlineData("avc", 1)]
    [InlineData("avc", 3)]
    [InlineData("avc", 15)]
    [InlineData("avc", 150)]
    [InlineData("hevc", 2)]
    [InlineData("avc-open", 4)]
    [InlineData("mpeg2", 5)]
    public void Packets_that_are_missing_take_their_picture_along_and_those_that_refer_to_it(string name, int count)
    {
        var source = streams[name];
        foreach (var at in Places(source, 12))
        {
            var held = new Held().Feed(source.AsSpan(0, at)).Feed(source.AsSpan(at + (count * 188)));

            Whole(held, source, $"{count} packets at {at}");
            GoesOnWithAKey(held, source, at);
        }
    }

    [Theory]
    [InlineData(77)]
    [InlineData(1000)]
    public void Bytes_that_are_missing_do_not_leave_the_front_of_one_packet_with_the_back_of_another(int count)
    {
        var source = streams["avc"];
        foreach (var at in Places(source, 12))
        {
            var held = new Held().Feed(source.AsSpan(0, at + 50)).Feed(source.AsSpan(at + 50 + count));

            Whole(held, source, $"{count} bytes at {at}");
            GoesOnWithAKey(held, source, at);
        }
    }

    [Fact]
    public void A_hole_of_zeros_is_a_loss()
    {
        var source = streams["avc"];
        foreach (var at in Places(source, 12))
        {
            var hole = at / 4096 * 4096;
            var held = new Held().Feed([.. source.AsSpan(0, hole), .. new byte[4096], .. source.AsSpan(hole + 4096)]);

            Whole(held, source, $"a hole at {hole}");
            GoesOnWithAKey(held, source, hole);
        }
    }

    [Fact]
    public void Leading_pictures_of_an_open_group_stay_out_after_a_loss()
    {
        var source = streams["avc-open"];
        var at = Places(source, 12)[2];

        var held = new Held().Feed(source.AsSpan(0, at)).Feed(source.AsSpan(at + 188));

        GoesOnWithAKey(held, source, at);
        var (all, sent) = (Units(source, Video), Units(held.Output, Video));
        var key = Enumerable.Range(0, sent.Count).First(n => sent[n] != all[n]);
        all.IndexOf(sent[key + 1]).ShouldBeGreaterThan(all.IndexOf(sent[key]) + 1, "those between are shown before the key");
    }

    [Fact]
    public void The_clock_runs_on_while_the_picture_stands_still()
    {
        var source = streams["avc"];
        var at = Places(source, 4)[1];

        var held = new Held().Feed(source.AsSpan(0, at)).Feed(source.AsSpan(at + (3 * 188)));

        TsCheck.Of(held.Output).LongestClockGap.ShouldBeLessThanOrEqualTo(TsCheck.Of(source).LongestClockGap * 2);
    }

    [Fact]
    public void A_packet_that_is_sent_twice_is_no_loss()
    {
        var source = streams["avc"];
        var at = Places(source, 4)[1];

        var held = new Held().Feed(source.AsSpan(0, at)).Feed(source.AsSpan(at - 188), ends: true);

        Units(held.Output, Video).ShouldBe(Units(source, Video));
        held.Output.Length.ShouldBe(source.Length);
    }

    [Fact]
    public void A_source_that_loses_something_all_the_time_is_shown_with_its_flaws()
    {
        var source = streams["avc"];
        var held = new Held();
        for (var n = 0; n < source.Length / 188; n++)
        {
            if (n % 100 != 99)
            {
                held.Feed(source.AsSpan(n * 188, 188));
            }
        }

        Whole(held, source, "one of a hundred");
        var sent = Units(held.Output, Video).Count;
        sent.ShouldBeGreaterThan(Units(source, Video).Count / 3, "more than key pictures");
    }

    [Fact]
    public void Of_a_segment_that_is_cut_a_picture_stays_that_has_visibly_ended()
    {
        var source = streams["avc"];
        var starts = Starts(source);
        var (picture, next) = (starts[30], starts[31]);
        var last = TsWalk.Packets(source.AsSpan(0, next * 188).ToArray()).FindLastIndex(static p => p is { Pid: Video, HasPayload: true });

        Cut(last + 1).ShouldBe(31);
        Cut(last).ShouldBe(30);
        Cut(picture + 1).ShouldBe(30);

        int Cut(int packets)
        {
            var held = new Held().Feed(source.AsSpan(0, packets * 188));
            held.Cut();
            return Units(held.Output, Video).Count;
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_picture_stream_that_begins_behind_a_break_begins_with_a_key(bool followsOthers)
    {
        var source = streams["avc"];
        var starts = Starts(source);
        var tables = TsWalk.Packets(source).Index().First(static p => p.Item is { Pid: Video, Start: true }).Index * 188;
        var sound = TsWalk.Packets(source).Index().Where(p => p.Index < starts[20] && p.Item.Pid == Audio).SelectMany(p => source.AsSpan(p.Index * 188, 188).ToArray());

        // Of the source before only sound had come, or nothing that this one knows of.
        var held = new Held(followsOthers);
        if (!followsOthers)
        {
            held.Feed([.. sound]).Interrupt();
        }

        held.Feed(source.AsSpan(0, tables)).Feed(source.AsSpan(starts[20] * 188));

        var first = Units(source, Video).IndexOf(Units(held.Output, Video)[0]);
        first.ShouldBe(Keys(source).First(static key => key > 20));
    }

    [Fact]
    public void A_picture_that_is_larger_than_what_may_be_held_goes_as_it_comes()
    {
        var source = streams["avc"];
        var hold = new PesHold { MostBytes = 188 * 4 };
        foreach (var packets in source.Chunk(188))
        {
            hold.Take(packets, static _ => { });
            hold.HeldBytes.ShouldBeLessThanOrEqualTo(188 * 4);
        }
    }

    private static void Whole(Held held, byte[] source, string how)
    {
        TsCheck.Of(held.Output).Problems.ShouldBeEmpty(how);
        foreach (var pid in new[] { Video, Audio })
        {
            Units(held.Output, pid).Except(Units(source, pid)).ShouldBeEmpty($"{how}, PID {pid:X}");
        }

        held.Output.Length.ShouldBeGreaterThan(source.Length / 3, how);
    }

    /// <summary>The first picture behind the place is one that decoding can begin with, as a reading of all of the source has it.</summary>
    private static void GoesOnWithAKey(Held held, byte[] source, int at)
    {
        var before = Starts(source).TakeWhile(s => s * 188 <= at).Count();
        var all = Units(source, Video);
        var sent = Units(held.Output, Video);
        var gap = Enumerable.Range(0, sent.Count).First(n => sent[n] != all[n]);
        gap.ShouldBeInRange(before - 2, before);
        var keys = Keys(source);
        keys.ShouldContain(all.IndexOf(sent[gap]));
    }

    /// <summary>Numbers of the pictures that decoding can begin with.</summary>
    private static List<int> Keys(byte[] source)
    {
        var live = new LiveTs().Feed(source);
        var starts = Starts(source);
        return [.. live.Points.Select(p => starts.IndexOf((int)p.Position / 188))];
    }

    private static List<int> Starts(byte[] source) =>
        [.. TsWalk.Packets(source).Index().Where(static p => p.Item is { Pid: Video, Start: true }).Select(static p => p.Index)];

    /// <summary>PES packets of a stream, as text that tells them apart.</summary>
    private static List<string> Units(byte[] stream, int pid)
    {
        var units = new List<List<byte>>();
        foreach (var packet in TsWalk.Packets(stream).Where(p => p.Pid == pid && p.HasPayload))
        {
            if (packet.Start)
            {
                units.Add([]);
            }

            units[^1].AddRange(packet.Payload);
        }

        return [.. units.Select(static u => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData([.. u])))];
    }

    /// <summary>Places of packets of the picture, in the first half: behind them come key pictures still.</summary>
    private static List<int> Places(byte[] source, int count)
    {
        var packets = TsWalk.Packets(source);
        var some = Enumerable.Range(1, count).Select(n => packets.FindIndex(packets.Count * n / (count * 2), static p => p is { Pid: Video, Start: false }));
        return [.. some.Select(static n => n * 188)];
    }

    /// <summary>What a channel does with packets before anything else looks at them.</summary>
    private sealed class Held(bool followsOthers = false)
    {
        private readonly TsFraming _framing = new();
        private readonly PesHold _hold = new() { FollowsOthers = followsOthers };
        private readonly ContinuityRewriter _rewriter = new();
        private readonly TsDemuxer _demuxer = new();
        private readonly List<byte> _output = [];
        private int _losses;

        public byte[] Output => [.. _output];

        public Held Feed(ReadOnlySpan<byte> bytes, bool ends = false)
        {
            while (_framing.TryTake(ref bytes, out var packets))
            {
                if (_framing.Losses > _losses)
                {
                    _losses = _framing.Losses;
                    _hold.Lose();
                }

                for (; !packets.IsEmpty; packets = packets[188..])
                {
                    _hold.Program = _demuxer.Program;
                    _hold.Take(packets[..188], Pass);
                }
            }

            if (ends)
            {
                Pass(_hold.Finish());
            }

            return this;
        }

        public void Cut() => Pass(_hold.Cut());

        public void Interrupt() => _hold.Interrupt();

        private void Pass(ReadOnlySpan<byte> packets)
        {
            Span<byte> room = stackalloc byte[ContinuityRewriter.MostBytes];
            for (; !packets.IsEmpty; packets = packets[188..])
            {
                var written = _rewriter.Rewrite(packets[..188], room);
                for (var at = 0; at < written; at += 188)
                {
                    _demuxer.Read(room.Slice(at, 188), _output.Count);
                    _output.AddRange(room.Slice(at, 188));
                }
            }
        }
    }
}
