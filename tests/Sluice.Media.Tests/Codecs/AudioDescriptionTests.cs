using Shouldly;
using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;
using Xunit;
using static Sluice.Media.Tests.Codecs.SampleEntryBytes;

namespace Sluice.Media.Tests.Codecs;

public sealed class AudioDescriptionTests
{
    [Theory]
    [InlineData("1210", 44100, "mp4a.40.2", 44100, 2)] // AAC LC
    [InlineData("0A10", 44100, "mp4a.40.1", 44100, 2)] // AAC Main
    [InlineData("2B118800", 48000, "mp4a.40.5", 48000, 2)] // explicit SBR over 24 kHz
    [InlineData("EB098800", 48000, "mp4a.40.29", 48000, 2)] // explicit parametric stereo over mono
    [InlineData("131056E598", 24000, "mp4a.40.5", 48000, 2)] // backward-compatible SBR
    [InlineData("130856E59D4880", 24000, "mp4a.40.29", 48000, 2)] // backward-compatible SBR and PS
    [InlineData("149056E500", 12000, "mp4a.40.2", 12000, 2)] // extension says that there is no SBR
    [InlineData("1310", 48000, "mp4a.40.5", 48000, 2)] // implicit SBR: the entry states twice the core's rate
    [InlineData("1310", 24000, "mp4a.40.2", 24000, 2)]
    [InlineData("F9482421", 44100, "mp4a.40.42", 44100, 1)] // escaped object type: xHE-AAC
    [InlineData("17800AC44100", 44100, "mp4a.40.2", 5512, 2)] // rate written out
    public void Aac_is_named_by_its_configuration(string config, int entryRate, string codecs, int rate, int channels)
    {
        var d = Parse(Audio("mp4a", 2, entryRate, Esds(0x40, config)));
        d.Problem.ShouldBeNull();
        d.Codecs.ShouldBe(codecs);
        d.SampleRate.ShouldBe(rate);
        d.ChannelCount.ShouldBe(channels);
    }

    [Theory]
    [InlineData(0x6B, "", "mp4a.6B", CodecId.Mp3)]
    [InlineData(0x69, "", "mp4a.69", CodecId.Mp3)]
    [InlineData(0x67, "1210", "mp4a.40.2", CodecId.Aac)]
    [InlineData(0xA9, "", "mp4a.A9", CodecId.Dts)]
    [InlineData(0xDD, "", "mp4a.DD", CodecId.Vorbis)]
    public void The_object_type_decides_what_mp4a_is(int objectType, string specific, string codecs, CodecId codec)
    {
        var d = Parse(Audio("mp4a", 2, 44100, Esds(objectType, specific)));
        (d.Codecs, d.Codec).ShouldBe((codecs, codec));
        SampleDescription.TryParse(d.ToCmafSampleEntry(), TrackKind.Audio)!.Codecs.ShouldBe(codecs);
    }

    [Fact]
    public void QuickTime_entries_become_version_0_with_the_esds_out_of_the_wave_box()
    {
        var version0 = Parse(Audio("mp4a", 2, 44100, Esds(0x40, "1210"))).ToCmafSampleEntry();
        Parse(QuickTimeAudio("mp4a", 2, 44100, Esds(0x40, "1210"))).ToCmafSampleEntry().ShouldBe(version0);
        Parse(QuickTimeAudio2("mp4a", 2, 44100, Esds(0x40, "1210"))).ToCmafSampleEntry().ShouldBe(version0);
    }

    [Fact]
    public void Iso_version_1_has_no_quicktime_fields()
    {
        var entry = Audio("mp4a", 2, 44100, Esds(0x40, "1210"));
        entry[17] = 1;
        Parse(entry).Codecs.ShouldBe("mp4a.40.2");
    }

    [Fact]
    public void QuickTime_mp3_becomes_mp4a()
    {
        var d = Parse(Audio(".mp3", 2, 44100));
        d.Codecs.ShouldBe("mp4a.6B");
        var written = SampleDescription.TryParse(d.ToCmafSampleEntry(), TrackKind.Audio)!;
        written.Format.ShouldBe(new FourCc("mp4a"));
        written.Codec.ShouldBe(CodecId.Mp3);
    }

    [Fact]
    public void The_first_frame_tells_layer_2_from_layer_3()
    {
        var d = Parse(Audio("mp4a", 2, 48000, Esds(0x6B, "")));
        d.Confirm([0xFF, 0xFD, 0x90, 0x00]).Codec.ShouldBe(CodecId.Mp2);
        d.Confirm([0xFF, 0xFB, 0x90, 0xC0]).ShouldBe(d with { SampleRate = 44100, ChannelCount = 1 });
        d.Confirm([0xFF]).ShouldBe(d);
    }

    [Fact]
    public void Flac_and_opus_take_their_numbers_from_their_own_boxes()
    {
        var flac = Parse(Audio("fLaC", 1, 0, Box("dfLa", Hex("00000000 80000022 10001000 000000 000000 0BB80370"), new byte[18 + 4])));
        (flac.Codecs, flac.SampleRate, flac.ChannelCount, flac.BitDepth).ShouldBe(("flac", 48000, 2, 24));
        var opus = Parse(Audio("Opus", 1, 44100, Box("dOps", Hex("00 02 0138 00000000 0000 00"))));
        (opus.Codecs, opus.SampleRate, opus.ChannelCount, opus.Problem).ShouldBe(("opus", 48000, 2, null));
    }

    [Theory]
    [InlineData("mp4a", "its MPEG-4 audio configuration (esds) is missing or damaged")]
    [InlineData("Opus", "its Opus configuration (dOps) is missing or damaged")]
    [InlineData("fLaC", "its FLAC configuration (dfLa) is missing or damaged")]
    public void A_missing_configuration_is_named(string type, string problem) =>
        Parse(Audio(type, 2, 48000)).Problem.ShouldBe(problem);

    private static SampleDescription Parse(byte[] entry) => SampleDescription.TryParse(entry, TrackKind.Audio)!;
}
