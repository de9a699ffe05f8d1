using Shouldly;
using Sluice.Media.MpegTs;
using Xunit;

namespace Sluice.Media.Tests.MpegTs;

/// <summary>Packets that are taken at once become what they become one by one.</summary>
public sealed class TsRunTests(StreamFixtures streams) : IClassFixture<StreamFixtures>
{
    private const int Pid = 0x100;

    /// <summary>A header's second byte, with the upper bits of the PID.</summary>
    private const byte Goes = 0x01;

    [Fact]
    public void A_run_is_as_long_as_counters_follow_each_other()
    {
        Run(Packet(14), Packet(15), Packet(0), Packet(1)).ShouldBe(4);
        Run(Packet(3), Packet(4), Packet(6), Packet(7)).ShouldBe(2, "one is missing");
        Run(Packet(3), Packet(3)).ShouldBe(1, "one came twice");
        Run(Packet(3), Packet(4, low: 1)).ShouldBe(1, "another PID");
    }

    [Theory]
    [InlineData(0x80 | Goes, 0x10)]
    [InlineData(0x40 | Goes, 0x10)]
    [InlineData(Goes, 0x30)]
    [InlineData(Goes, 0x20)]
    [InlineData(Goes, 0x00)]
    [InlineData(Goes, 0x90)]
    public void What_is_broken_begins_something_has_a_field_or_is_scrambled_is_in_no_run(int second, int fourth)
    {
        Run(Packet(1), Packet(2, (byte)second, fourth: (byte)fourth)).ShouldBe(1);
        Run(Packet(1, (byte)second, fourth: (byte)fourth), Packet(2)).ShouldBe(0);
    }

    [Theory]
    [InlineData("avc", 0)]
    [InlineData("audio", 0)]
    [InlineData("mpeg2", 0)]
    [InlineData("padded", 0)]
    [InlineData("avc", 40)]
    [InlineData("avc", 2000)]
    public void What_comes_out_is_the_same(string name, int faults)
    {
        var stream = Harmed(streams[name], faults);

        var single = new Chain(takesRuns: false).Feed(stream);
        var runs = new Chain(takesRuns: true).Feed(stream);

        runs.Output.AsSpan().SequenceEqual(single.Output).ShouldBeTrue();
        (runs.Rewriter.Losses, runs.Rewriter.Dropped).ShouldBe((single.Rewriter.Losses, single.Rewriter.Dropped));
        runs.Points.ShouldBe(single.Points);
        runs.Taken.ShouldBeGreaterThan(name == "audio" ? 0 : stream.Length / 188 / 10, "else nothing is compared");
    }

    private static byte[] Harmed(byte[] stream, int faults)
    {
        var random = new Random(7);
        var harmed = (byte[])stream.Clone();
        for (var n = 0; n < faults; n++)
        {
            harmed[(random.Next(harmed.Length / 188) * 188) + random.Next(1, 6)] ^= (byte)(1 << random.Next(8));
        }

        return harmed;
    }

    private static int Run(params byte[][] packets) => TsRun.Length([.. packets.SelectMany(static p => p)]) / 188;

    private static byte[] Packet(int counter, byte second = Goes, byte low = Pid & 0xFF, byte fourth = 0x10) =>
        [0x47, second, low, (byte)(fourth | counter), .. new byte[184]];

    private sealed class Chain(bool takesRuns)
    {
        private readonly List<byte> _output = [];
        private readonly TsDemuxer _demuxer = new();

        public ContinuityRewriter Rewriter { get; } = new();

        public byte[] Output => [.. _output];

        public List<(long Position, long? PtsTicks, string Join)> Points { get; } = [];

        /// <summary>Packets that were taken in runs.</summary>
        public int Taken { get; private set; }

        public Chain Feed(byte[] stream)
        {
            // The second time with other counters than the first ends with.
            for (var pass = 0; pass < 2; pass++)
            {
                Rewriter.Seam(isBreak: pass > 0);
                for (var left = stream.AsSpan(); !left.IsEmpty;)
                {
                    var run = takesRuns ? TsRun.Length(left) : 0;
                    left = left[(run > 0 && TakeRun(left[..run]) ? run : Take(left[..188]))..];
                }
            }

            return this;
        }

        private bool TakeRun(ReadOnlySpan<byte> run)
        {
            var room = new byte[run.Length];
            if (!_demuxer.MayPassRun(run) || !Rewriter.TryRewriteRun(run, room))
            {
                return false;
            }

            _demuxer.PassRun(room);
            _output.AddRange(room);
            Taken += run.Length / 188;
            return true;
        }

        private int Take(ReadOnlySpan<byte> packet)
        {
            var room = new byte[ContinuityRewriter.MostBytes];
            var written = Rewriter.Rewrite(packet, room);
            for (var at = 0; at < written; at += 188)
            {
                if (_demuxer.Read(room.AsSpan(at, 188), _output.Count) is { } point)
                {
                    Points.Add((point.Position, point.PtsTicks, Convert.ToHexString(point.Join.Span)));
                }

                _output.AddRange(room.AsSpan(at, 188));
            }

            return 188;
        }
    }
}
