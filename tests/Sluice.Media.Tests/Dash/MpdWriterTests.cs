using System.Globalization;
using System.Xml.Linq;
using Shouldly;
using Sluice.Media.Cmaf;
using Sluice.Media.Dash;
using Sluice.Media.IsoBmff;
using Sluice.Media.Manifests;
using Sluice.Media.Tests.Manifests;
using Sluice.Tests;
using Xunit;

namespace Sluice.Media.Tests.Dash;

public sealed class MpdWriterTests
{
    private static readonly XNamespace Ns = "urn:mpeg:dash:schema:mpd:2011";

    private static DashTrack Track(TrackSummary summary, SegmentTiming[]? timings = null, long offset = 0) => new()
    {
        Summary = summary,
        Segments = timings ?? (summary.Kind == TrackKind.Video ? Sample.VideoTimings : Sample.AudioTimings),
        Uris = new SegmentUris { Init = $"0a1b/{summary.Id}/init.mp4", Prefix = $"0a1b/{summary.Id}/", Suffix = ".m4s" },
        PresentationTimeOffsetTicks = offset,
    };

    private static string Write(params DashTrack[] tracks) => MpdWriter.Write(tracks).Text("?token=abc.def");

    private static List<XElement> All(string mpd, string element) => [.. XDocument.Parse(mpd).Descendants(Ns + element)];

    private static readonly TrackSummary German = Sample.Audio with
    {
        Id = "a1",
        Language = "de",
        Name = "Deutsch <5.1> & \"mehr\"",
        ChannelCount = 6,
        IsDefault = true,
    };

    private static string Film() => Write(
        Track(Sample.Audio, offset: 48_000),
        Track(German, offset: 48_000),
        Track(Sample.Video, offset: 90_000));

    private static string Subtitled() => MpdWriter.Write([Track(Sample.Video, offset: 90_000)], Sample.Subtitles).Text("?token=abc.def");

    private static string Hdr() => Write(
        Track(Sample.Video with { VideoRange = "PQ", IndependentSegments = false, FrameRate = new Rational(48, 2) }));

    private static string Radio() => Write(Track(Sample.Audio with { Language = null, ChannelCount = 0, SampleRate = 0 }));

    [Fact]
    public void Sizes_of_one_picture_are_one_set_and_another_codec_is_another()
    {
        var small = Sample.Video with { Id = "v1", CodedHeight = 360, IndependentSegments = true };
        var large = Sample.Video with { Id = "v0", IndependentSegments = true };
        var other = large with { Id = "v2", Codecs = "hvc1.1.6.L93.B0" };

        var sets = All(Write(Track(large), Track(small), Track(other), Track(Sample.Audio)), "AdaptationSet");

        sets.Select(s => string.Join(' ', s.Elements(Ns + "Representation").Select(r => (string?)r.Attribute("id"))))
            .ShouldBe(["v0 v1", "v2", "a0"]);
        var template = sets[0].Element(Ns + "SegmentTemplate").ShouldNotBeNull();
        ((string?)template.Attribute("initialization")).ShouldBe("0a1b/$RepresentationID$/init.mp4?token=abc.def");
        ((string?)template.Attribute("media")).ShouldBe("0a1b/$RepresentationID$/$Number$.m4s?token=abc.def");
    }

    [Fact]
    public void Film_with_two_languages() => Golden.Match("dash/film.mpd", Film());

    [Fact]
    public void Subtitles_of_all_kinds() => Golden.Match("dash/subtitles.mpd", Subtitled());

    [Fact]
    public void The_language_of_the_machine_changes_nothing() => Sample.WithDecimalComma(Film).ShouldBe(Film());

    [Fact]
    public void Video_alone_in_PQ() => Golden.Match("dash/pq.mpd", Hdr());

    [Fact]
    public void Audio_alone() => Golden.Match("dash/audio.mpd", Radio());

    [Fact]
    public void The_schema_finds_nothing_wrong()
    {
        using var schema = DashSchema.Require();

        schema.Errors(Film(), Hdr(), Radio(), Subtitled()).ShouldBeEmpty();
    }

    [Fact]
    public void The_schema_is_really_looked_at()
    {
        using var schema = DashSchema.Require();

        schema.Errors(Film().Replace("bandwidth=", "bandwith=", StringComparison.Ordinal)).ShouldContain("bandwith");
    }

    [Fact]
    public void Timeline_unrolls_to_the_table_and_runs_are_as_long_as_they_can_be()
    {
        var random = new Random(7);
        for (var round = 0; round < 300; round++)
        {
            var durations = Enumerable.Range(0, random.Next(1, 40)).Select(_ => 1L + random.Next(2));
            var timings = Sample.Timings(random.Next(3), [.. durations]);

            var runs = All(Write(Track(Sample.Video, timings)), "S");

            Unroll(runs).ShouldBe(timings);
            runs.Zip(runs.Skip(1)).ShouldAllBe(static p => (string?)p.First.Attribute("d") != (string?)p.Second.Attribute("d"));
            runs.Count(static s => s.Attribute("t") is not null).ShouldBe(1);
        }
    }

    [Fact]
    public void Even_a_table_with_a_hole_is_told_as_it_is()
    {
        SegmentTiming[] timings = [new(0, 10), new(10, 10), new(25, 10), new(35, 10)];

        Unroll(All(Write(Track(Sample.Video, timings)), "S")).ShouldBe(timings);
    }

    [Fact]
    public void Eleven_hours_of_equal_segments_are_two_lines()
    {
        var timings = Sample.Timings(0, [.. Enumerable.Repeat(540_540L, 6599).Append(1)]);

        All(Write(Track(Sample.Video, timings)), "S").Count.ShouldBe(2);
    }

    [Fact]
    public void Duration_is_that_of_the_longest_track_from_the_offset_on_rounded_up()
    {
        var mpd = Write(
            Track(Sample.Video with { Timescale = 3 }, [new(0, 10)], 3),
            Track(Sample.Audio with { Timescale = 1000 }, [new(0, 2000)]));

        XDocument.Parse(mpd).Root!.Attribute("mediaPresentationDuration")!.Value.ShouldBe("PT2.333334S");
    }

    [Fact]
    public void A_query_with_ampersand_and_dollar_arrives_unchanged_at_the_player()
    {
        var mpd = MpdWriter.Write([Track(Sample.Video)]).Text("?token=a&x=$1");

        var media = All(mpd, "SegmentTemplate")[0].Attribute("media")!.Value;
        media.ShouldBe("0a1b/v0/$Number$.m4s?token=a&x=$$1");
    }

    [Fact]
    public void Audio_tracks_are_never_offered_as_qualities_of_each_other()
    {
        var mpd = Write(Track(Sample.Audio), Track(Sample.Audio with { Id = "a1", Name = "Commentary" }));

        All(mpd, "AdaptationSet").ShouldAllBe(static s => s.Elements(Ns + "Representation").Count() == 1);
        All(mpd, "Label").Select(static l => l.Value).ShouldBe(["English", "Commentary"]);
        All(mpd, "Role").Select(static r => r.Attribute("value")!.Value).ShouldBe(["main", "alternate"]);
    }

    [Fact]
    public void Hostile_tracks_leave_the_MPD_well_formed_and_valid()
    {
        using var schema = DashSchema.Require();
        var random = new Random(20_260_102);
        var mpds = Enumerable.Range(0, 300).Select(_ => Write([
            .. Enumerable.Range(0, random.Next(1, 5)).Select(i => Track(Hostile.Audio(random, i))),
            Track(HostileVideo(random))])).ToArray();

        foreach (var mpd in mpds)
        {
            XDocument.Parse(mpd);
        }

        schema.Errors(mpds).ShouldBeEmpty();
    }

    [Fact]
    public void What_no_MPD_can_say_is_a_bug_of_the_caller()
    {
        Should.Throw<ArgumentException>(() => MpdWriter.Write([]));
        Should.Throw<ArgumentException>(() => Write(Track(Sample.Video with { Kind = TrackKind.Text })));
        Should.Throw<ArgumentException>(() => Write(Track(Sample.Video with { Timescale = 0 })));
        Should.Throw<ArgumentException>(() => Write(Track(Sample.Video, offset: -1)));
        Should.Throw<ArgumentException>(() => Write(Track(Sample.Video, [new(-1, 1)])));
        Should.Throw<ArgumentException>(() => Write(Track(Sample.Video, [new(0, 0)])));
        Should.Throw<ArgumentException>(() => Write(Track(Sample.Video) with { Uris = new SegmentUris { Suffix = ".ts" } }));
    }

    private static TrackSummary HostileVideo(Random random) => Sample.Video with
    {
        Codecs = Hostile.Text(random),
        VideoRange = Hostile.Text(random),
        PeakBitsPerSecond = random.Next(2) == 0 ? long.MaxValue : -1,
        CodedWidth = random.Next(-1, 2),
        SampleAspectRatio = new Rational(random.Next(-1, 3), random.Next(-1, 3)),
        FrameRate = new Rational(random.Next(-1, 3), random.Next(-1, 3)),
    };

    private static List<SegmentTiming> Unroll(List<XElement> runs)
    {
        var timings = new List<SegmentTiming>();
        var time = 0L;
        foreach (var run in runs)
        {
            time = Number(run, "t") ?? time;
            for (var repeat = Number(run, "r") ?? 0; repeat >= 0; repeat--)
            {
                timings.Add(new SegmentTiming(time, Number(run, "d")!.Value));
                time += timings[^1].DurationTicks;
            }
        }

        return timings;
    }

    private static long? Number(XElement element, string attribute) =>
        element.Attribute(attribute) is { } found ? long.Parse(found.Value, CultureInfo.InvariantCulture) : null;
}
