using Shouldly;
using Sluice.Media.MpegTs;
using Sluice.Media.Remux;
using Sluice.Media.Tests.MpegTs;
using Xunit;

namespace Sluice.Media.Tests.Remux;

/// <summary>Of a transport stream that lost something on its way, whole pictures that can be decoded are taken out, as of one that is passed on as it is.</summary>
public sealed class TransportLossTests(StreamFixtures streams) : IClassFixture<StreamFixtures>
{
    private const int Video = 0x100;

    [Theory]
    [InlineData("avc", 1)]
    [InlineData("avc", 15)]
    [InlineData("hevc", 3)]
    [InlineData("mpeg2", 5)]
    public void Behind_a_picture_that_was_lost_comes_one_that_needs_no_other(string name, int count)
    {
        var source = streams[name];
        var all = Pictures(source);
        foreach (var at in Places(source))
        {
            var sent = Pictures([.. source.AsSpan(0, at), .. source.AsSpan(at + (count * 188))], static units => units.LostUnits.ShouldBeGreaterThan(0));

            sent.Select(static s => s.Bytes).Except(all.Select(static s => s.Bytes)).ShouldBeEmpty($"at {at}");
            var gap = Enumerable.Range(0, sent.Count).First(n => sent[n].Bytes != all[n].Bytes);
            sent[gap].IsSync.ShouldBeTrue($"at {at}");
            (all.Count - sent.Count).ShouldBeInRange(1, 55, "from then on nothing is missing");
        }
    }

    [Fact]
    public void Those_that_are_shown_before_the_first_of_an_open_group_stay_out_too()
    {
        var source = streams["avc-open"];
        var all = Pictures(source);
        var leading = 0;
        foreach (var at in Places(source))
        {
            var sent = Pictures([.. source.AsSpan(0, at), .. source.AsSpan(at + 188)]);

            var gap = Enumerable.Range(0, sent.Count).First(n => sent[n].Bytes != all[n].Bytes);
            sent.Skip(gap).ShouldAllBe(s => s.PtsTicks >= sent[gap].PtsTicks, $"at {at}");
            leading += all.SkipWhile(s => s.Bytes != sent[gap].Bytes).Count(s => s.PtsTicks < sent[gap].PtsTicks);
        }

        leading.ShouldBeGreaterThan(0, "there were some to leave out");
    }

    [Fact]
    public void Bytes_that_are_missing_leave_no_packet_of_two_halves()
    {
        var source = streams["avc"];
        var all = Pictures(source).Select(static s => s.Bytes).ToList();
        foreach (var at in Places(source))
        {
            var sent = Pictures([.. source.AsSpan(0, at + 50), .. source.AsSpan(at + 50 + 77)]);

            sent.Select(static s => s.Bytes).Except(all).ShouldBeEmpty($"at {at}");
        }
    }

    [Fact]
    public void What_is_larger_than_it_may_be_is_lost_and_takes_no_more_memory()
    {
        var source = streams["avc"];
        var largest = Pictures(source).Max(static s => s.Bytes.Length / 2);
        var units = new TransportUnits(new UnitList(), true, true) { MostUnitBytes = largest - 1 };
        units.BeginSegment(0, false, false);
        foreach (var packet in source.Chunk(188))
        {
            units.Write(packet);
            units.HeldBytes.ShouldBeLessThan(2 * largest);
        }

        units.LostUnits.ShouldBeGreaterThan(0);
    }

    /// <summary>The pictures that come out, as text that tells them apart.</summary>
    private static List<(bool IsSync, long PtsTicks, string Bytes)> Pictures(byte[] stream, Action<TransportUnits>? look = null)
    {
        var list = new UnitList();
        var units = new TransportUnits(list, takesVideo: true, takesAudio: false);
        units.BeginSegment(0, false, false);
        units.Write(stream);
        units.Finish(isCut: false);
        look?.Invoke(units);
        return [.. list.Units.Select(static u => (u.Unit.IsSync, u.Unit.PtsTicks, Convert.ToHexString(u.Bytes)))];
    }

    /// <summary>Places of packets of the picture, in the first half: behind them come key pictures still.</summary>
    private static List<int> Places(byte[] source)
    {
        var packets = TsWalk.Packets(source);
        return [.. Enumerable.Range(1, 6).Select(n => 188 * packets.FindIndex(packets.Count * n / 12, static p => p is { Pid: Video, Start: false }))];
    }
}
