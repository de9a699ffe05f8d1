using System.Buffers;
using Shouldly;
using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;
using Sluice.Media.MpegTs;
using Sluice.Media.Tests.Codecs;
using Xunit;
using static Sluice.Media.Tests.Codecs.SampleEntryBytes;

namespace Sluice.Media.Tests.MpegTs;

public sealed class TsProgramTests
{
    private const string AvcC = "0164000cffe100196764000cacd941419f9f016c80000003008000000a078a14cb01000568ebecb22c";

    private static SampleDescription Avc => SampleDescription.TryParse(Video("avc1", 320, 180, Box("avcC", Hex(AvcC))), TrackKind.Video)!;

    [Theory]
    [InlineData("1210", null)]
    [InlineData("2B118800", null)] // HE-AAC: the core goes into ADTS, SBR is found inside
    [InlineData("F9482421", "this kind of AAC cannot be sent in MPEG-TS as ADTS")]
    [InlineData("17800AC44100", "its AAC sampling rate cannot be sent in MPEG-TS as ADTS")]
    [InlineData("1200", "its AAC channel layout cannot be sent in MPEG-TS as ADTS")]
    public void What_adts_cannot_say_is_refused(string config, string? expected)
    {
        var program = TsProgram.TryCreate(Avc, Aac(config), out var reason);
        reason.ShouldBe(expected);
        (program is null).ShouldBe(expected is not null);
    }

    [Fact]
    public void Other_codecs_and_nothing_at_all_are_refused()
    {
        var hevc = SampleDescription.TryParse(Video("hvc1", 64, 64), TrackKind.Video);
        TsProgram.TryCreate(hevc, null, out var reason).ShouldBeNull();
        reason.ShouldBe("its HEVC configuration (hvcC) is missing");
        var opus = SampleDescription.TryParse(Audio("Opus", 2, 48000, Box("dOps", Hex("00 02 0138 00000000 0000 00"))), TrackKind.Audio);
        TsProgram.TryCreate(Avc, opus, out reason).ShouldBeNull();
        reason.ShouldBe("only AAC and MP3 audio are sent in MPEG-TS, not opus");
        TsProgram.TryCreate(null, null, out reason).ShouldBeNull();
        reason.ShouldBe("there is no track");
    }

    [Fact]
    public void A_segment_without_samples_is_tables_alone()
    {
        var packets = TsWalk.Packets(Mux(static _ => { }));
        packets.Count.ShouldBe(32);
        TsWalk.CountersRunOn([.. packets, .. packets]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(183)]
    [InlineData(5000)]
    public void The_last_picture_is_spread_to_a_multiple_of_16_whatever_its_size(int bytes)
    {
        byte[] sample = [0, 0, (byte)((bytes + 1) >> 8), (byte)(bytes + 1), 0x65, .. new byte[bytes]];
        var stream = Mux(m => m.WriteVideo(900_000, 900_000, true, sample));
        var packets = TsWalk.Packets(stream);
        packets.Count(static p => p.Pid == 0x100 && p.HasPayload).ShouldBe(bytes == 5000 ? 32 : 16);
        packets.Where(static p => p.Pid == 0x100).ShouldAllBe(static p => p.Payload.Length > 0);
        TsWalk.CountersRunOn([.. packets, .. packets]);
        var es = packets.Where(static p => p.Pid == 0x100).SelectMany(static p => p.Payload).Skip(14).ToArray();
        es[..6].ShouldBe(Hex("000000010 9F0"));
        es[^(bytes + 1)..].ShouldBe(sample[4..]);
    }

    [Fact]
    public void Adts_headers_say_profile_rate_channels_and_length()
    {
        var packets = TsWalk.Packets(Mux(static m => m.WriteAudio(900_000, new byte[300])));
        var pes = packets.Where(static p => p.Pid == 0x101).SelectMany(static p => p.Payload).ToArray();
        pes[..4].ShouldBe(Hex("000001C0"));
        ((pes[4] << 8) | pes[5]).ShouldBe(pes.Length - 6);
        pes[14..21].ShouldBe(Hex("FFF15080 267FFC")); // LC, 44.1 kHz, stereo, 307 bytes
    }

    [Fact]
    public void A_gap_in_the_audio_gets_a_timestamp_of_its_own()
    {
        var packets = TsWalk.Packets(Mux(static m =>
        {
            m.WriteAudio(900_000, new byte[50]);
            m.WriteAudio(902_090, new byte[50]);
            m.WriteAudio(950_000, new byte[50]);
        }));
        packets.Where(static p => p.Pid == 0x101 && p.Start).Select(static p => p.DecodeTicks()).ShouldBe([900_000L, 950_000L]);
    }

    [Fact]
    public void Times_wrap_at_33_bits()
    {
        const long wrap = 1L << 33;
        var packets = TsWalk.Packets(Mux(static m => m.WriteVideo(wrap + 100, wrap + 50, true, Hex("0000000265 00"))));
        packets.Single(static p => p.Pid == 0x100 && p.Start).DecodeTicks().ShouldBe(50);
        packets.Single(static p => p.Clock is not null).Clock.ShouldBe(wrap + 50 - TsMuxer.ClockLeadTicks);
    }

    private static SampleDescription? Aac(string config) =>
        SampleDescription.TryParse(Audio("mp4a", 2, 44100, Esds(0x40, config)), TrackKind.Audio);

    private static byte[] Mux(Action<TsMuxer> write)
    {
        var output = new ArrayBufferWriter<byte>();
        var muxer = new TsMuxer(TsProgram.TryCreate(Avc, Aac("1210"), out _)!, output);
        write(muxer);
        muxer.Complete();
        return output.WrittenSpan.ToArray();
    }
}
