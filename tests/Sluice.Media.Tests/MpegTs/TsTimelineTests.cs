using Shouldly;
using Sluice.Media.MpegTs;
using Xunit;

namespace Sluice.Media.Tests.MpegTs;

/// <summary>One timeline of many.</summary>
public sealed class TsTimelineTests
{
    private const int Video = 0x100;
    private const int Sound = 0x101;
    private const long Second = 90_000;
    private const long Wrap = 1L << 33;

    private readonly TsTimeline _timeline = new();

    [Fact]
    public void What_goes_on_is_not_touched()
    {
        Send(Video, 10 * Second).ShouldBe(10 * Second);
        Send(Sound, (10 * Second) + 500).ShouldBe((10 * Second) + 500);
        _timeline.Break();
        Send(Video, 14 * Second).ShouldBe(14 * Second, "something is missing, and stays missing");
        _timeline.Joined.ShouldBe(0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(10_000)]
    [InlineData(90_000)]
    public void After_a_break_another_clock_goes_on_where_the_last_one_ended(int seconds)
    {
        Send(Video, 10 * Second);
        Send(Sound, 10 * Second);
        _timeline.Break();

        var first = Send(Video, seconds * Second)!.Value;
        first.ShouldBeInRange(10 * Second, (10 * Second) + (Second / 5));
        (Send(Sound, (seconds * Second) + 900)!.Value - first).ShouldBe(900, "all streams move alike");
        (Send(Video, (seconds + 1) * Second)!.Value - first).ShouldBe(Second);
        _timeline.Joined.ShouldBe(1);
    }

    [Fact]
    public void Sound_first_and_pictures_before_it_stay_in_order()
    {
        Send(Video, 10 * Second);
        Send(Sound, 10 * Second);
        _timeline.Break();

        var sound = Send(Sound, 5 * Second)!.Value;
        var picture = Send(Video, (5 * Second) - (Second / 2))!.Value;
        picture.ShouldBeGreaterThan(10 * Second);
        sound.ShouldBeGreaterThan(10 * Second);
        (Send(Sound, (5 * Second) + 2000)!.Value - Send(Video, (5 * Second) + 2000)!.Value).ShouldBe(0);
    }

    [Fact]
    public void Sound_that_was_heard_already_is_left_out()
    {
        Send(Video, 10 * Second);
        Send(Sound, 11 * Second);
        _timeline.Break();

        Send(Video, (11 * Second) + 100).ShouldBe((11 * Second) + 100);
        Send(Sound, (11 * Second) - 3000).ShouldBeNull();
        Send(Sound, (11 * Second) + 3000).ShouldBe((11 * Second) + 3000);
    }

    [Fact]
    public void A_jump_that_nobody_spoke_of_is_seen_and_what_comes_late_of_before_keeps_its_time()
    {
        Send(Video, 100 * Second);
        Send(Sound, 100 * Second);

        var picture = Send(Video, 5 * Second)!.Value;
        picture.ShouldBeInRange(100 * Second, 101 * Second);
        Send(Sound, (100 * Second) + 1800).ShouldBe((100 * Second) + 1800);
        (Send(Sound, (5 * Second) + 1800)!.Value - picture).ShouldBe(1800);
    }

    [Theory]
    [InlineData(10.04, true)]
    [InlineData(500, true)]
    [InlineData(500, false)]
    public void What_broke_off_and_is_shown_late_is_shown_before_what_comes_then(double seconds, bool isBreak)
    {
        Send(Video, 10 * Second, pts: (10 * Second) + 18_000);
        if (isBreak)
        {
            _timeline.Break();
        }

        var dts = (long)(seconds * Second);
        var moved = Send(Video, dts, pts: dts + 7200)!.Value - dts;

        (dts + 7200 + moved).ShouldBeInRange((10 * Second) + 18_000 + 3600, (10 * Second) + 18_000 + (Second / 5));
    }

    [Fact]
    public void The_clock_moves_with_the_times()
    {
        Send(Video, 10 * Second, clock: 9 * Second);
        _timeline.Break();
        var packet = Packet(Video, 700 * Second, clock: 699 * Second);
        _timeline.Restamp(packet).ShouldBeTrue();

        var walked = TsWalk.Packets(packet)[0];
        (walked.DecodeTicks() - walked.Clock!.Value).ShouldBe(Second);
    }

    [Fact]
    public void The_wrap_is_no_jump()
    {
        Send(Video, Wrap - 3600);
        Send(Video, 0).ShouldBe(0);
        _timeline.Break();
        Send(Video, 3600).ShouldBe(3600);
        _timeline.Joined.ShouldBe(0);
    }

    [Fact]
    public void Times_are_written_as_they_are_read()
    {
        Send(Video, 10 * Second);
        _timeline.Break();
        var packet = Packet(Video, Wrap - 1234, pts: Wrap - 1234 + 7200);
        var before = packet.ToArray();
        _timeline.Restamp(packet);

        var payload = TsWalk.Packets(packet)[0].Payload;
        var was = TsWalk.Packets(before)[0].Payload;
        payload[9].ShouldBe((byte)((was[9] & 0xF1) | (payload[9] & 0xE)), "prefix and marker stay");
        (payload[11] & payload[13] & payload[14] & payload[16] & payload[18] & 1).ShouldBe(1);
        payload[19..].ShouldBe(was[19..]);
    }

    private long? Send(int pid, long dts, long? clock = null, long? pts = null)
    {
        var packet = Packet(pid, dts % Wrap, clock, pts);
        return _timeline.Restamp(packet) ? TsWalk.Packets(packet)[0].DecodeTicks() : null;
    }

    private static byte[] Packet(int pid, long dts, long? clock = null, long? pts = null)
    {
        var packet = new byte[188];
        byte[] pes =
        [
            0, 0, 1, (byte)(pid == Video ? 0xE0 : 0xC0), 0, 0, 0x80, 0xC0, 10,
            .. Time(3, pts ?? dts), .. Time(1, dts),
        ];
        packet[0] = 0x47;
        packet[1] = (byte)(0x40 | (pid >> 8));
        packet[2] = (byte)pid;
        packet[3] = 0x30;
        packet[4] = (byte)(clock is null ? 1 : 7);
        if (clock is { } ticks)
        {
            packet[5] = 0x10;
            byte[] base90 = [(byte)(ticks >> 25), (byte)(ticks >> 17), (byte)(ticks >> 9), (byte)(ticks >> 1), (byte)((ticks & 1) << 7)];
            base90.CopyTo(packet, 6);
        }

        pes.CopyTo(packet, 5 + packet[4]);
        return packet;
    }

    private static byte[] Time(int prefix, long t) =>
        [(byte)((prefix << 4) | (int)((t >> 29) & 0xE) | 1), (byte)(t >> 22), (byte)((t >> 14) | 1), (byte)(t >> 7), (byte)((t << 1) | 1)];
}
