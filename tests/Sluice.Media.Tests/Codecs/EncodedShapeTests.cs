using Shouldly;
using Sluice.Media.Binary;
using Sluice.Media.Tests.MpegTs;
using Xunit;

namespace Sluice.Media.Tests.Codecs;

public sealed class EncodedShapeTests
{
    [Theory]
    [InlineData("libx264 -pix_fmt yuv420p -flags +ildct+ilme -x264-params weightp=0", "avc1.", "h264 High 4:2:0 8-bit, 160x96, interlaced")]
    [InlineData("libx264 -pix_fmt yuv422p", "avc1.7A", "h264 High 4:2:2 8-bit, 160x96")]
    [InlineData("libx264 -pix_fmt yuv420p10le", "avc1.6E", "h264 High 10 4:2:0 10-bit, 160x96")]
    [InlineData("libx264 -pix_fmt yuv444p", "avc1.F4", "h264 High 4:4:4 Predictive 8-bit, 160x96")]
    [InlineData("libx265 -pix_fmt yuv420p10le -x265-params log-level=none", "hvc1.2.4.L", "hevc Main 10 4:2:0 10-bit, 160x96")]
    [InlineData("libx265 -pix_fmt yuv422p10le -x265-params log-level=none", "hvc1.4.", "hevc Range Extensions 4:2:2 10-bit, 160x96")]
    [InlineData("libx265 -pix_fmt yuv420p -x265-params log-level=none:interlace=tff", "hvc1.1.6.L", "hevc Main 4:2:0 8-bit, 160x96, interlaced")]
    [InlineData("libx265 -pix_fmt yuv420p10le -x265-params log-level=none:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc", "hvc1.2.4.L", "hevc Main 10 4:2:0 10-bit, 160x96, PQ")]
    [InlineData("libvpx-vp9 -pix_fmt yuv444p -b:v 200k", "vp09.01.", "vp9 Profile 1 4:4:4 8-bit, 160x96")]
    [InlineData("prores_ks -profile:v 3 -pix_fmt yuv422p10le", "apch", "prores 422 HQ 4:2:2 10-bit, 160x96")]
    public void What_an_encoder_made_is_what_we_read(string encoder, string codecs, string description)
    {
        var folder = Directory.CreateTempSubdirectory("sluice-shape-");
        try
        {
            var path = Path.Combine(folder.FullName, encoder.StartsWith("libvpx", StringComparison.Ordinal) ? "a.mp4" : "a.mov");
            Ffmpeg.Run($"-f lavfi -i testsrc2=size=160x96:rate=24:duration=0.5 -c:v {encoder}", path);
            var (_, _, found) = CorpusFiles.Descriptions(new MemoryByteSource(File.ReadAllBytes(path))).Single();
            found.Problem.ShouldBeNull();
            found.Codecs.ShouldStartWith(codecs);
            found.Description.ShouldBe(description);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
