using Shouldly;
using Sluice.Media.MpegTs;
using Xunit;

namespace Sluice.Media.Tests.MpegTs;

/// <summary>Nothing is lost, nothing changes its order, and nothing half comes out.</summary>
public sealed class PesHoldTests(StreamFixtures streams) : IClassFixture<StreamFixtures>
{
    [Theory]
    [InlineData("avc", 188)]
    [InlineData("avc", 188 * 7)]
    [InlineData("audio", 188 * 3)]
    [InlineData("mpeg2", 188 * 1000)]
    public void All_that_goes_in_comes_out_in_order(string name, int piece)
    {
        var hold = new PesHold();
        var output = new List<byte>();
        foreach (var bytes in streams[name].Chunk(piece))
        {
            hold.Take(bytes, packets => output.AddRange(packets));
        }

        output.AddRange(hold.Finish());
        output.ToArray().AsSpan().SequenceEqual(streams[name]).ShouldBeTrue();
    }

    [Fact]
    public void What_was_released_is_whole_once_the_second_picture_has_begun()
    {
        var hold = new PesHold();
        var output = new List<byte>();
        var starts = TsWalk.Packets(streams["avc"]).Index().Where(p => p.Item is { Pid: 0x100, Start: true }).Select(p => p.Index).ToList();
        foreach (var (n, bytes) in streams["avc"].Chunk(188).Index())
        {
            hold.Take(bytes, packets => output.AddRange(packets));
            if (n > starts[1])
            {
                var picture = starts.Last(s => s <= n);
                output.Count.ShouldBeLessThanOrEqualTo(picture * 188);
            }
        }
    }

    [Fact]
    public void The_first_picture_is_not_held()
    {
        var hold = new PesHold();
        var output = new List<byte>();
        hold.Take(streams["avc"].AsSpan(0, 188 * 5), packets => output.AddRange(packets));
        output.Count.ShouldBe(188 * 5);
    }

    [Fact]
    public void A_cut_leaves_out_what_is_not_whole_and_nothing_else()
    {
        for (var count = 300; count < 320; count++)
        {
            var hold = new PesHold();
            var output = new List<byte>();
            foreach (var bytes in streams["avc"].AsSpan(0, count * 188).ToArray().Chunk(188 * 4))
            {
                hold.Take(bytes, packets => output.AddRange(packets));
            }

            output.AddRange(hold.Cut());
            var all = TsWalk.Packets([.. output]);
            var last = all.FindLastIndex(p => p is { Pid: 0x100, Start: true });
            var source = TsWalk.Packets(streams["avc"]);
            var place = source.FindLastIndex(count - 1, p => p is { Pid: 0x100, Start: true });

            // One whose last packet is there has visibly ended.
            var hasEnded = source.Skip(count).First(p => p is { Pid: 0x100, HasPayload: true }).Start;
            all.Count(p => p is { Pid: 0x100, Start: true }).ShouldBe(
                source.Take(place).Count(p => p is { Pid: 0x100, Start: true }) + (hasEnded ? 1 : 0), $"{count} packets");
            last.ShouldBeGreaterThan(0);
        }
    }

    [Theory]
    [InlineData(7)]
    [InlineData(350)]
    [InlineData(int.MaxValue / 188)]
    public void What_comes_out_does_not_depend_on_how_much_comes_at_a_time(int packets)
    {
        byte[] source = [.. streams["avc"].Chunk(188).Where(static (_, n) => n % 97 != 90).SelectMany(static p => p)];
        var (one, many) = (Output(source, 188), Output(source, 188 * packets));
        one.AsSpan().SequenceEqual(source).ShouldBeFalse("nothing was left out, though there is a loss in nearly every picture");
        many.AsSpan().SequenceEqual(one).ShouldBeTrue();
    }

    private static byte[] Output(byte[] source, int piece)
    {
        var hold = new PesHold();
        var output = new List<byte>();
        foreach (var bytes in source.Chunk(piece))
        {
            hold.Take(bytes, packets => output.AddRange(packets));
        }

        return [.. output, .. hold.Finish()];
    }
}
