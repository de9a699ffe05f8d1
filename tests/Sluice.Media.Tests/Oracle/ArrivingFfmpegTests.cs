using Shouldly;
using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Media.Tests.Building;
using Sluice.Tests;
using Xunit;

namespace Sluice.Media.Tests.Oracle;

/// <summary>What ffmpeg writes, in all the ways in which it lays a file out, plays while it arrives and ends as if it had been there.</summary>
public sealed class ArrivingFfmpegTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-arriving-").FullName;

    [Theory]
    [InlineData("-movflags +faststart")]
    [InlineData("-movflags +faststart -bf 0")]
    [InlineData("-movflags +faststart -x264-params open-gop=1:bframes=3:b-pyramid=normal")]
    [InlineData("-movflags +frag_keyframe+empty_moov")]
    [InlineData("-movflags +frag_keyframe+empty_moov+default_base_moof -bf 0")]
    [InlineData("-movflags +frag_keyframe+empty_moov+negative_cts_offsets")]
    [InlineData("-movflags +frag_keyframe+empty_moov+separate_moof")]
    [InlineData("-movflags +frag_keyframe+delay_moov")]
    [InlineData("-movflags +frag_every_frame+empty_moov+default_base_moof")]
    [InlineData("-movflags +empty_moov+default_base_moof -frag_duration 500000")]
    [InlineData("-movflags +cmaf+frag_keyframe")]
    [InlineData("-movflags +dash+delay_moov+frag_keyframe")]
    public void It_plays_before_a_quarter_has_arrived_and_ends_the_same(string options)
    {
        var path = Path.Combine(_folder, "film.mp4");
        Ffmpeg.Make("-f lavfi -i testsrc2=s=320x180:r=25:d=40 -f lavfi -i sine=r=48000:d=40 -c:v libx264 -preset veryfast -g 50 -b:v 400k "
            + $"-c:a aac -b:a 64k {options}", path);
        var file = new MemoryByteSource(File.ReadAllBytes(path));
        var title = new ArrivingTitle(file);
        long firstSegment = -1;

        for (long landed = 0; landed < file.Length; landed += 10_007)
        {
            title.Land(landed);
            if (firstSegment < 0 && title.Tracks.Count > 0 && title.Tracks.TrueForAll(t => t.Compiler.Entries.Count > 0))
            {
                firstSegment = landed;
            }
        }

        firstSegment.ShouldBeInRange(1, file.Length / 4);
        title.Land(file.Length);
        var atOnce = ArrivingTitle.AtOnce(file);
        title.Tracks.Count.ShouldBe(2);
        foreach (var (track, whole) in title.Tracks.Zip(atOnce))
        {
            track.Compiler.Problem.ShouldBeNull();
            track.Sink.Written.SequenceEqual(whole.Sink.Written).ShouldBeTrue();
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
