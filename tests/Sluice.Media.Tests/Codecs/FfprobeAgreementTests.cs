using System.Globalization;
using Shouldly;
using Sluice.Media.Binary;
using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;
using Sluice.Media.Tests.MpegTs;
using Sluice.Tests;
using Xunit;

namespace Sluice.Media.Tests.Codecs;

/// <summary>Our reading of the corpus beside ffprobe's, where ffprobe knows the codec and opens the file.</summary>
public sealed class FfprobeAgreementTests
{
    private const string Entries = "stream=codec_type,codec_name,profile,width,height,pix_fmt,sample_aspect_ratio,level,color_transfer,channels,sample_rate";

    [Fact]
    public void Codec_size_shape_depth_and_rate_agree()
    {
        var compared = 0;
        foreach (var file in Corpus.Movies())
        {
            // One line a stream; the same tracks in the same order, or the file is no fair comparison.
            var streams = Ffmpeg.TryProbe($"-show_entries {Entries} -of compact=p=0", file)
                .Select(static l => l.Split('|').Select(static f => f.Split('=', 2)).Where(static f => f.Length == 2).ToDictionary(static f => f[0], static f => f[1]))
                .Where(static s => s.GetValueOrDefault("codec_type") is "video" or "audio").ToList();
            var ours = (MovieReader.TryRead(new MemoryByteSource(File.ReadAllBytes(file)), out _)?.Tracks ?? [])
                .Where(static t => t.Kind is TrackKind.Video or TrackKind.Audio && t.SampleEntries.Count == 1)
                .Select(static t => SampleDescription.TryParse(t.SampleEntries[0], t.Kind)!).ToList();
            if (streams.Count != ours.Count)
            {
                continue;
            }

            foreach (var (theirs, description) in streams.Zip(ours))
            {
                if (theirs.GetValueOrDefault("codec_name") is "unknown" or "mpegh_3d_audio" or null)
                {
                    continue;
                }

                Compare(theirs, description, Path.GetFileName(file));
                compared++;
            }
        }

        compared.ShouldBeGreaterThan(140);
    }

    private static void Compare(Dictionary<string, string> theirs, SampleDescription ours, string file)
    {
        ours.Codec.ToString().ToLowerInvariant().ShouldBe(theirs["codec_name"] switch { "mpeg4" => "mpeg4visual", "amr_wb" => "amrwb", var n => n }, file);
        if (ours.Kind == TrackKind.Audio)
        {
            ours.SampleRate.ToString(CultureInfo.InvariantCulture).ShouldBe(theirs["sample_rate"], file);
            ours.ChannelCount.ToString(CultureInfo.InvariantCulture).ShouldBe(theirs["channels"], file);
            return;
        }

        $"{ours.CodedWidth}x{ours.CodedHeight}".ShouldBe($"{theirs["width"]}x{theirs["height"]}", file);
        if (theirs["pix_fmt"] is "unknown")
        {
            return; // Only headers: ffprobe had no frame to look at.
        }

        PixelFormat(ours).ShouldBe(theirs["pix_fmt"].Replace("yuvj", "yuv", StringComparison.Ordinal).Replace("gbrp", "yuv444p", StringComparison.Ordinal), file);
        if (theirs.GetValueOrDefault("sample_aspect_ratio") is { } ratio and not "N/A")
        {
            $"{ours.SampleAspectRatio.Numerator}:{ours.SampleAspectRatio.Denominator}".ShouldBe(ratio, file);
        }

        ours.VideoRange.ShouldBe(theirs.GetValueOrDefault("color_transfer") switch { "smpte2084" => "PQ", "arib-std-b67" => "HLG", _ => "SDR" }, file);
        if (ours.Codec is CodecId.H264)
        {
            ours.Profile.ShouldBe(theirs["profile"], file);
            ours.Level.ShouldBe(string.Create(CultureInfo.InvariantCulture, $"{int.Parse(theirs["level"], CultureInfo.InvariantCulture) / 10.0:0.0}"), file);
        }
    }

    private static string PixelFormat(SampleDescription d) =>
        (d.ChromaFormat switch { 0 => "gray", 1 => "yuv420p", 2 => "yuv422p", _ => "yuv444p" }) + (d.BitDepth > 8 ? $"{d.BitDepth}le" : "");
}
