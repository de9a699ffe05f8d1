using Shouldly;
using Sluice.Media.Cmaf;
using Sluice.Media.Hls;
using Sluice.Media.IsoBmff;
using Sluice.Media.Tests.Manifests;
using Sluice.Tests;
using Xunit;

namespace Sluice.Media.Tests.Hls;

public sealed class HlsMultivariantWriterTests
{
    private static string Write(params TrackSummary[] tracks) =>
        HlsMultivariantWriter.Write(tracks, static t => $"0a1b/{t.Id}/index.m3u8").Text("?token=abc.def");

    [Fact]
    public void Video_with_two_languages() => Golden.Match("hls/multivariant-two-languages.m3u8", Write(
        Sample.Video,
        Sample.Audio with { PeakBitsPerSecond = 150_000 },
        Sample.Audio with { Id = "a1", Language = "de", IsDefault = true, PeakBitsPerSecond = 170_000, ChannelCount = 6 },
        Sample.Audio with { Id = "a2", Language = "de", Name = "Kommentar \"live\"" }));

    [Fact]
    public void Video_with_two_encodings_of_the_sound() => Golden.Match("hls/multivariant-two-encodings.m3u8", Write(
        Sample.Video with { VideoRange = "PQ", Codecs = "hvc1.2.4.L153.B0", FrameRate = new Rational(50, 2) },
        Sample.Audio,
        Sample.Audio with
        {
            Id = "a1",
            Codecs = "opus",
            ChannelCount = 6,
            PeakBitsPerSecond = 400_000,
            AverageBitsPerSecond = 380_000,
        }));

    [Fact]
    public void Video_alone() =>
        Golden.Match("hls/multivariant-silent.m3u8", Write(Sample.Video with { IndependentSegments = false }));

    [Fact]
    public void One_audio_track_alone() => Golden.Match("hls/multivariant-audio.m3u8", Write(Sample.Audio));

    [Fact]
    public void Audio_in_two_languages_alone() => Golden.Match("hls/multivariant-audio-two-languages.m3u8", Write(
        Sample.Audio, Sample.Audio with { Id = "a1", Language = "fr", IsDefault = true }));

    [Fact]
    public void Subtitles_of_all_kinds() => Golden.Match("hls/multivariant-subtitles.m3u8", HlsMultivariantWriter.Write(
        [Sample.Video, Sample.Audio], static t => $"0a1b/{t.Id}/index.m3u8", Sample.Subtitles).Text("?token=abc.def"));

    [Fact]
    public void Subtitles_beside_sound_alone() =>
        HlsMultivariantWriter.Write([Sample.Audio], static t => t.Id, [Sample.Subtitles[1]]).Text().Split('\n')[3..5].ShouldBe(
        [
            "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"subtitles\",NAME=\"German\",LANGUAGE=\"de\",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,URI=\"0a1b/s1/file\"",
            "#EXT-X-STREAM-INF:BANDWIDTH=160000,AVERAGE-BANDWIDTH=128000,CODECS=\"mp4a.40.2\",SUBTITLES=\"subtitles\"",
        ]);

    [Fact]
    public void INDEPENDENT_SEGMENTS_is_claimed_only_if_all_tracks_are()
    {
        Write(Sample.Video, Sample.Audio).ShouldContain("\n#EXT-X-INDEPENDENT-SEGMENTS\n");
        Write(Sample.Video, Sample.Audio with { IndependentSegments = false }).ShouldNotContain("INDEPENDENT");
        Write(Sample.Video with { IndependentSegments = false }, Sample.Audio).ShouldNotContain("INDEPENDENT");
    }

    [Fact]
    public void The_language_of_the_machine_changes_nothing() =>
        Sample.WithDecimalComma(static () => Write(Sample.Video)).ShouldBe(Write(Sample.Video));

    [Fact]
    public void What_is_not_known_is_not_said()
    {
        var video = Sample.Video with { DisplayWidth = 0, FrameRate = null, VideoRange = "odd\"", Codecs = "" };

        var variant = Playlist.Attributes(Write(video), "#EXT-X-STREAM-INF").Single();

        variant.Keys.ShouldBe(["BANDWIDTH", "AVERAGE-BANDWIDTH", "CLOSED-CAPTIONS"]);
    }

    [Fact]
    public void Nothing_to_play_is_a_bug_of_the_caller() =>
        Should.Throw<ArgumentException>(() => Write(Sample.Audio with { Kind = TrackKind.Text }));

    [Fact]
    public void Hostile_names_languages_and_codecs_leave_every_line_well_formed()
    {
        var random = new Random(20_260_101);
        for (var round = 0; round < 1000; round++)
        {
            var tracks = Enumerable.Range(0, random.Next(1, 6)).Select(i => Hostile.Audio(random, i)).ToList();
            if (random.Next(2) == 0)
            {
                tracks.Add(Sample.Video with { Codecs = Hostile.Text(random) });
            }

            var playlist = Write([.. tracks]);

            var media = Playlist.Attributes(playlist, "#EXT-X-MEDIA");
            var variants = Playlist.Attributes(playlist, "#EXT-X-STREAM-INF");
            variants.Count.ShouldBeGreaterThan(0);
            foreach (var group in media.GroupBy(static m => m["GROUP-ID"]))
            {
                group.Select(static m => m["NAME"]).ShouldBeUnique();
                group.Count(static m => m["DEFAULT"] == "YES").ShouldBe(1);
                group.Where(static m => m["DEFAULT"] == "YES").ShouldAllBe(static m => m["AUTOSELECT"] == "YES");
                group.Count().ShouldBe(media.Count(m => m["GROUP-ID"] == media[0]["GROUP-ID"]), "the same members");
                variants.Count(v => v["AUDIO"] == group.Key).ShouldBe(1);
            }
        }
    }
}
