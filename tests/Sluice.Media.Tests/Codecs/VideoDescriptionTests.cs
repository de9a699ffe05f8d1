using System.Text;
using Shouldly;
using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;
using Xunit;
using static Sluice.Media.Tests.Codecs.SampleEntryBytes;

namespace Sluice.Media.Tests.Codecs;

public sealed class VideoDescriptionTests
{
    // A real pair from ffmpeg: High@1.2, 320x180, progressive.
    private const string Sps = "6764000cacd941419f9f016c80000003008000000a078a14cb";
    private const string Pps = "68ebecb22c";

    private static byte[] AvcC => AvcConfig(Hex(Sps), Hex(Pps), 4);

    [Fact]
    public void Avc3_with_parameter_sets_becomes_avc1()
    {
        var d = Parse(Video("avc3", 320, 180, Box("avcC", AvcC), Box("junk", [1, 2, 3])));
        d.Problem.ShouldBeNull();
        d.Codecs.ShouldBe("avc1.64000C");
        d.ToCmafSampleEntry().ShouldBe(Video("avc1", 320, 180, Box("avcC", AvcC)).WithVisualDefaults());
    }

    [Fact]
    public void Avc3_without_parameter_sets_stays_avc3()
    {
        var d = Parse(Video("avc3", 320, 180, Box("avcC", Hex("0164000CFFE000"))));
        d.Problem.ShouldBeNull();
        d.Codecs.ShouldBe("avc3.64000C");
        Parse(d.ToCmafSampleEntry()).Format.ShouldBe(new FourCc("avc3"));
        Parse(Video("avc1", 320, 180, Box("avcC", Hex("0164000CFFE000")))).Problem.ShouldNotBeNull();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Nal_length_size_is_read(int size) =>
        Parse(Video("avc1", 320, 180, Box("avcC", AvcConfig(Hex(Sps), Hex(Pps), size)))).NalLengthSize.ShouldBe(size);

    [Theory]
    [InlineData("avc1", null, "its H.264 configuration (avcC) is missing")]
    [InlineData("avc1", "avcC", "its H.264 configuration (avcC) is damaged")]
    [InlineData("hvc1", null, "its HEVC configuration (hvcC) is missing")]
    [InlineData("hev1", "hvcC", "its HEVC configuration (hvcC) is damaged")]
    [InlineData("av01", null, "its AV1 configuration (av1C) is missing")]
    [InlineData("av01", "av1C", "its AV1 configuration (av1C) is damaged")]
    [InlineData("vp09", null, "its VP9 configuration (vpcC) is missing")]
    [InlineData("vp09", "vpcC", "its VP9 configuration (vpcC) is damaged or of an early draft")]
    public void What_is_wrong_is_said(string type, string? box, string problem) =>
        Parse(Video(type, 320, 180, box is null ? [] : Box(box, [0, 1, 2]))).Problem.ShouldBe(problem);

    [Theory]
    [InlineData("81000C00", "av01.0.00M.08")] // short: 4:2:0, nothing said of colour
    [InlineData("81087C00", "av01.0.08M.10.1.110.02.02.02.0")] // monochrome 10-bit
    [InlineData("812D8C00", "av01.1.13H.08")]
    public void Av1_is_named_in_full_when_it_is_not_the_default(string config, string codecs) =>
        Parse(Video("av01", 64, 64, Box("av1C", Hex(config)))).Codecs.ShouldBe(codecs);

    [Fact]
    public void Vp9_is_named_with_all_its_fields()
    {
        var d = Parse(Video("vp09", 64, 64, Box("vpcC", Hex("01000000 02 1F A2 09 10 09 0000"))));
        d.Codecs.ShouldBe("vp09.02.31.10.01.09.16.09.00");
        (d.VideoRange, d.BitDepth, d.ChromaFormat).ShouldBe(("PQ", 10, 1));
    }

    [Fact]
    public void Protection_is_seen_through()
    {
        var sinf = Box("sinf", Box("frma", Encoding.ASCII.GetBytes("avc1")), Box("schm", [0, 0, 0, 0], Encoding.ASCII.GetBytes("cbcs"), [0, 1, 0, 0]));
        var d = Parse(Video("encv", 320, 180, Box("avcC", AvcC), sinf));
        (d.IsEncrypted, d.EncryptionScheme, d.Codec, d.Codecs).ShouldBe((true, "cbcs", CodecId.H264, "avc1.64000C"));
    }

    [Fact]
    public void Boxes_about_the_picture_override_the_bitstream_and_are_kept()
    {
        var d = Parse(Video(
            "avc1", 320, 180, Box("avcC", AvcC), Box("pasp", Hex("00000008 00000006")), Box("fiel", [2, 6]),
            Box("colr", Encoding.ASCII.GetBytes("nclc"), Hex("0009 0012 0009"))));
        d.SampleAspectRatio.ShouldBe(new(4, 3));
        d.IsInterlaced.ShouldBeTrue();
        d.Color.ShouldBe(new VideoColor(9, 18, 9, false));
        d.Description.ShouldBe("h264 High 4:2:0 8-bit, 320x180, interlaced, HLG");
        var written = d.ToCmafSampleEntry();
        Parse(written).Color.ShouldBe(d.Color);
        Encoding.Latin1.GetString(written).ShouldContain("nclx");
    }

    [Fact]
    public void An_entry_of_no_known_codec_is_described_all_the_same()
    {
        var d = Parse(Video("zzzz", 320, 180));
        (d.Codec, d.Codecs, d.CodedWidth, d.Problem).ShouldBe((CodecId.Unknown, "zzzz", 320, null));
        SampleDescription.TryParse(Video("avc1", 1, 1), TrackKind.Text).ShouldBeNull();
        SampleDescription.TryParse([1, 2, 3], TrackKind.Video).ShouldBeNull();
    }

    private static SampleDescription Parse(byte[] entry) => SampleDescription.TryParse(entry, TrackKind.Video)!;

    private static byte[] AvcConfig(byte[] sps, byte[] pps, int lengthSize) =>
    [
        1, sps[1], sps[2], sps[3], (byte)(0xFC | (lengthSize - 1)), 0xE1, 0, (byte)sps.Length, .. sps, 1, 0, (byte)pps.Length, .. pps,
    ];
}
