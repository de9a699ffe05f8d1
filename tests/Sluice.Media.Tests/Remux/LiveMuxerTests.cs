using Shouldly;
using Sluice.Media.Remux;
using Sluice.Media.Tests.MpegTs;
using Xunit;

namespace Sluice.Media.Tests.Remux;

/// <summary>Who waits for whom, and what is left out. Pictures every 40 ms, each tenth a key picture; frames of audio every 20 ms.</summary>
public sealed class LiveMuxerTests
{
    private const int Picture = 3600;
    private const int Frame = 1800;
    private const long Second = 90_000;

    private readonly Remuxed _out = new(isAudioApart: true);
    private int _segment;

    public LiveMuxerTests()
    {
        _out.Muxer.Main.Describe(EsFormat.Avc, null);
        _out.Muxer.Audio.Describe(null, EsFormat.Adts);
    }

    [Fact]
    public void Video_waits_for_audio_and_goes_when_it_is_there()
    {
        Video(0, 25);
        _out.Muxer.IsWaiting.ShouldBeTrue();
        Sent(isVideo: true).ShouldBeEmpty();

        Audio(0, 50);

        _out.Muxer.IsWaiting.ShouldBeFalse();
        Sent(isVideo: true).Count.ShouldBe(25);
        Sent(isVideo: false)[^1].ShouldBeGreaterThan(Second - 27_000);
    }

    [Fact]
    public void Video_goes_a_little_ahead_of_audio_that_is_still_to_come()
    {
        Audio(0, 1);
        Video(0, 25);

        _out.Muxer.IsWaiting.ShouldBeTrue();
        Sent(isVideo: true).Count.ShouldBeInRange(4, 8, "0.2 s");
    }

    [Fact]
    public void Who_is_told_to_go_alone_does_until_audio_is_back()
    {
        Video(0, 25);
        _out.Muxer.GoAlone();
        Sent(isVideo: true).Count.ShouldBe(25);
        Video(Second, 25);
        _out.Muxer.IsWaiting.ShouldBeFalse("it is alone still");

        Audio(0, 150);
        Video(2 * Second, 50);

        _out.Muxer.LateFrames.ShouldBeInRange(60, 80, "what is more than half a second late is of no use");
        _out.Muxer.IsWaiting.ShouldBeTrue("and waits again when it has had audio");
        _out.Muxer.TimesAlone.ShouldBe(1);
    }

    [Fact]
    public void Audio_from_before_the_first_picture_is_left_out()
    {
        Audio(0, 500);
        Video(8 * Second, 25);

        _out.Muxer.LateFrames.ShouldBeInRange(370, 380);
        Sent(isVideo: false)[0].ShouldBeInRange((8 * Second) - 45_000, 8 * Second);
    }

    [Fact]
    public void Audio_waits_for_video_and_takes_no_more_memory_than_it_may()
    {
        Audio(0, 50);
        Sent(isVideo: false).ShouldBeEmpty();
        _out.Muxer.HeldBytes.ShouldBe(50 * 300);
        for (var i = 1; i < 1000; i++)
        {
            Audio(i * Second, 50);
        }

        _out.Muxer.HeldBytes.ShouldBeLessThanOrEqualTo(4 << 20);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(0, false)]
    [InlineData(985, true)]
    [InlineData(985, false)]
    [InlineData(5000, true)]
    [InlineData(5000, false)]
    public void Both_cross_a_break_whichever_is_first(long seconds, bool videoFirst)
    {
        // From second 990 to 1000, then on from somewhere else: back, a little back, far ahead.
        Video(990 * Second, 250);
        Audio(990 * Second, 500);
        var from = seconds * Second;
        if (videoFirst)
        {
            Video(from, 100, isBreak: true);
            Audio(1000 * Second, 5);
            Audio(from, 300, isBreak: true);
            Video(from + (4 * Second), 25);
        }
        else
        {
            Audio(from, 50, isBreak: true);
            Video(1000 * Second, 2);
            Video(from, 100, isBreak: true);
            Audio(from + Second, 250);
            Video(from + (4 * Second), 25);
        }

        _out.Muxer.Complete();
        var (pictures, frames) = (Sent(isVideo: true), Sent(isVideo: false));
        pictures.Count(t => t >= from && t < from + (6 * Second) && (t < 990 * Second || t >= 1001 * Second)).ShouldBe(125);
        _out.Muxer.LateFrames.ShouldBeLessThanOrEqualTo(8, "no more than what hangs over the seam");
        frames.Count(t => t >= from && t < from + (5 * Second)).ShouldBeGreaterThan(20, "ten to a PES packet");
        _out.Begun.Count(static s => s.StartsWith('!')).ShouldBe(1);
    }

    [Fact]
    public void A_jump_that_nobody_spoke_of_is_a_break()
    {
        Video(0, 25);
        Audio(0, 50);
        Audio(500 * Second, 50);
        Video(500 * Second, 25);

        _out.Muxer.Complete();
        _out.Begun.ShouldBe(["0", "!1"]);
        Sent(isVideo: true).Count.ShouldBe(50);
        _out.Muxer.LateFrames.ShouldBe(0);
    }

    [Fact]
    public void Pictures_that_were_sent_already_are_left_out_and_so_are_those_before_a_key_picture()
    {
        Video(Picture * 3, 7, keyEvery: 100, firstKey: 5);
        Audio(0, 50);
        Sent(isVideo: true).ShouldBe([Picture * 8, Picture * 9]);

        Video(Picture * 6, 10);

        Sent(isVideo: true).ShouldBe(Enumerable.Range(8, 8).Select(static n => (long)Picture * n));
        _out.Muxer.SkippedPictures.ShouldBe(5 + 4);
    }

    [Fact]
    public void The_clock_may_begin_anew_in_the_middle()
    {
        const long wrap = 1L << 33;
        Audio(wrap - Second, 100);
        Video(wrap - Second, 50);

        _out.Muxer.Complete();
        Sent(isVideo: true).Count.ShouldBe(50);
        _out.Muxer.LateFrames.ShouldBe(0);
        _out.Begun.ShouldBe(["0"]);
    }

    [Fact]
    public void Without_audio_of_its_own_a_source_is_waited_for_by_nobody()
    {
        var alone = new Remuxed(isAudioApart: false);
        alone.Muxer.Main.Describe(EsFormat.Avc, null);
        alone.Muxer.Main.Take(true, new EsUnit(0, 0, Picture, true, 0, false), new byte[100]);

        alone.Muxer.IsWaiting.ShouldBeFalse();
        alone.Bytes.ShouldNotBeEmpty();
    }

    [Fact]
    public void Another_codec_is_another_version_of_the_map_and_what_waits_goes_before_it()
    {
        Video(0, 25);
        _out.Muxer.Main.Describe(EsFormat.Hevc, null);
        Sent(isVideo: true).Count.ShouldBe(25);
        Audio(Second, 50);
        Video(Second, 25);

        var maps = TsWalk.Packets(_out.Bytes).Where(static p => p.Pid == 0x1000).Select(static p => (Version: (p.Payload[6] >> 1) & 0x1F, Type: p.Payload[13])).Distinct();
        maps.ShouldBe([(0, (byte)0x1B), (1, (byte)0x24)]);
    }

    /// <summary>Decode times of the PES packets that were sent.</summary>
    private List<long> Sent(bool isVideo) => [.. TsWalk.Packets(_out.Bytes)
        .Where(p => p.Pid == (isVideo ? 0x100 : 0x101) && p.Payload.AsSpan().StartsWith((ReadOnlySpan<byte>)[0, 0, 1])).Select(static p => p.DecodeTicks())];

    private void Video(long from, int pictures, bool isBreak = false, int keyEvery = 10, int firstKey = 0)
    {
        var segment = _segment++;
        for (var i = 0; i < pictures; i++)
        {
            var ticks = (from + (i * Picture)) & ((1L << 33) - 1);
            _out.Muxer.Main.Take(true, new EsUnit(ticks, ticks, Picture, i >= firstKey && (i - firstKey) % keyEvery == 0, segment, isBreak && i == 0), new byte[1000]);
        }
    }

    private void Audio(long from, int frames, bool isBreak = false)
    {
        for (var i = 0; i < frames; i++)
        {
            var ticks = (from + (i * Frame)) & ((1L << 33) - 1);
            _out.Muxer.Audio.Take(false, new EsUnit(ticks, ticks, Frame, true, 0, isBreak && i == 0), new byte[300]);
        }
    }
}
