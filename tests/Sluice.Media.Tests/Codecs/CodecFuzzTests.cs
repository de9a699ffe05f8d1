using System.Buffers;
using Shouldly;
using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;
using Sluice.Media.MpegTs;
using Xunit;

namespace Sluice.Media.Tests.Codecs;

public sealed class CodecFuzzTests
{
    private const int Mutations = 20_000;

    /// <summary>Per byte of input; a count that is believed before it is checked allocates megabytes.</summary>
    private const long MostAllocatedPerByte = 200;

    [Fact]
    public void Damaged_entries_never_throw_and_allocate_in_proportion()
    {
        var entries = CorpusFiles.Entries();
        var random = new Random(20260101);
        var sample = new byte[512];
        for (var i = 0; i < Mutations; i++)
        {
            var (entry, kind) = entries[random.Next(entries.Count)];
            var damaged = Damage(entry, random);
            random.NextBytes(sample);
            sample[0] = sample[1] = sample[2] = 0;
            var before = GC.GetAllocatedBytesForCurrentThread();
            var description = Exercise(damaged, kind, sample);
            (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(
                20_000 + (MostAllocatedPerByte * damaged.Length), Convert.ToHexString(damaged));
            Mux(description, kind, sample);
        }
    }

    [Fact]
    public void Random_bytes_never_throw()
    {
        var random = new Random(7);
        foreach (var type in new[] { "avc1", "hvc1", "av01", "vp09", "mp4v", "mp4a", "Opus", "fLaC", "ec-3", "encv" })
        {
            for (var i = 0; i < 500; i++)
            {
                var body = new byte[random.Next(200)];
                random.NextBytes(body);
                var kind = i % 2 == 0 ? TrackKind.Video : TrackKind.Audio;
                Mux(Exercise(SampleEntryBytes.Box(type, body), kind, body), kind, body);
            }
        }
    }

    private static SampleDescription? Exercise(byte[] entry, TrackKind kind, byte[] sample)
    {
        if (SampleDescription.TryParse(entry, kind) is not { } d)
        {
            return null;
        }

        d.Description.ShouldNotBeEmpty();
        d.Codecs.ShouldNotBeEmpty();
        d.Confirm(sample);
        Enum.IsDefined(d.Classify(sample)).ShouldBeTrue();
        d.ToCmafSampleEntry().Length.ShouldBeLessThanOrEqualTo((2 * entry.Length) + 200);
        return d;
    }

    private static void Mux(SampleDescription? d, TrackKind kind, byte[] sample)
    {
        if (TsProgram.TryCreate(kind == TrackKind.Video ? d : null, kind == TrackKind.Audio ? d : null, out _) is not { } program)
        {
            return;
        }

        var output = new ArrayBufferWriter<byte>();
        var muxer = new TsMuxer(program, output);
        if (kind == TrackKind.Video)
        {
            muxer.WriteVideo(0, long.MinValue, true, sample);
            muxer.WriteVideo(long.MaxValue, 5, false, []);
        }
        else
        {
            muxer.WriteAudio(long.MaxValue, sample);
            muxer.WriteAudio(0, []);
        }

        muxer.Complete();
        (output.WrittenCount % 188).ShouldBe(0);
    }

    /// <summary>Flips, overwrites, cuts and repeats.</summary>
    private static byte[] Damage(byte[] entry, Random random)
    {
        var bytes = entry.ToArray();
        for (var i = random.Next(1, 6); i > 0; i--)
        {
            var at = random.Next(8, bytes.Length);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)(random.Next(2) * 0xFF);
                    break;
                case 2:
                    bytes = bytes[..Math.Max(16, at)];
                    break;
                default:
                    random.NextBytes(bytes.AsSpan(at, Math.Min(4, bytes.Length - at)));
                    break;
            }
        }

        return bytes;
    }
}
