using System.Globalization;
using System.Text;
using Shouldly;
using Sluice.Media.Binary;
using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;
using Sluice.Tests;
using Xunit;

namespace Sluice.Media.Tests.Codecs;

public sealed class SampleDescriptionCorpusTests
{
    [Fact]
    public void Every_track_of_the_corpus_is_described_as_reviewed()
    {
        var text = new StringBuilder();
        foreach (var file in Corpus.Movies())
        {
            var source = new MemoryByteSource(File.ReadAllBytes(file));
            foreach (var (track, _, d) in CorpusFiles.Descriptions(source))
            {
                var confirmed = d.Confirm(FirstSample(source, track));
                text.Append(CultureInfo.InvariantCulture, $"{Path.GetFileName(file)} #{track.Id} {d.Format} {confirmed.Codecs} | {confirmed.Description}");
                text.Append(d.Level.Length > 0 ? $" | level {d.Level}" : "");
                text.Append(d.SampleAspectRatio.Value == 1 ? "" : $" | sar {d.SampleAspectRatio.Numerator}:{d.SampleAspectRatio.Denominator}");
                text.Append(d.Color == VideoColor.Unspecified ? "" : string.Create(CultureInfo.InvariantCulture, $" | color {d.Color.Primaries}/{d.Color.Transfer}/{d.Color.Matrix}{(d.Color.FullRange ? " full" : "")}"));
                text.Append(d.EncryptionScheme is null ? "" : $" | {d.EncryptionScheme}");
                text.Append(d.Problem is null ? "" : $" | PROBLEM {d.Problem}").Append('\n');
            }
        }

        Golden.Match("codecs/corpus.txt", text.ToString());
    }

    [Fact]
    public void The_cmaf_entry_reads_back_as_the_same_codec_and_is_stable()
    {
        foreach (var (entry, kind) in CorpusFiles.Entries())
        {
            var first = SampleDescription.TryParse(entry, kind)!;
            var written = first.ToCmafSampleEntry();
            var second = SampleDescription.TryParse(written, kind)!;
            second.Codecs.ShouldBe(first.Codecs);
            second.Description.ShouldBe(first.Description);
            second.Problem.ShouldBe(first.Problem);
            second.Color.ShouldBe(first.Color);
            second.SampleAspectRatio.ShouldBe(first.SampleAspectRatio);
            second.ToCmafSampleEntry().ShouldBe(written);
        }
    }

    private static ReadOnlySpan<byte> FirstSample(MemoryByteSource source, MovieTrack track)
    {
        if (!track.OpenSamples(source).TryRead(out var sample))
        {
            return [];
        }

        var bytes = new byte[Math.Min(sample.SizeBytes, 4096)];
        return bytes.AsSpan(0, source.Read(sample.Offset, bytes));
    }
}
