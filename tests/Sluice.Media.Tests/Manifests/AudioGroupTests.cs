using Shouldly;
using Sluice.Media.Cmaf;
using Sluice.Media.Manifests;
using Xunit;

namespace Sluice.Media.Tests.Manifests;

public sealed class AudioGroupTests
{
    private static TrackSummary Track(
        string id, string? language, string codecs = "mp4a.40.2", int channels = 2, string? name = null) =>
        Sample.Audio with { Id = id, Language = language, Codecs = codecs, ChannelCount = channels, Name = name };

    private static string Describe(params TrackSummary[] tracks) => string.Join(" | ", AudioGroup.Of(tracks)
        .Select(static g => $"{g.Id}: " + string.Join(", ", g.Renditions.Select(Describe))));

    private static string Describe(AudioRendition r) => $"{r.Track.Id}={r.Name}{(r.IsDefault ? "*" : "")}";

    [Fact]
    public void The_same_languages_in_two_encodings_are_two_groups_with_the_same_members()
    {
        Describe(
            Track("a0", "en"),
            Track("a1", "de"),
            Track("a2", "de", channels: 6),
            Track("a3", "en", channels: 6))
            .ShouldBe("audio: a0=English*, a1=German | audio-2: a3=English*, a2=German");
    }

    [Fact]
    public void A_language_that_only_one_encoding_has_stays_within_reach()
    {
        Describe(Track("a0", "en", channels: 6), Track("a1", "de"), Track("a2", "en", name: "Commentary"))
            .ShouldBe("audio: a0=English*, a1=German, a2=Commentary");
        Describe(Track("a0", "en"), Track("a1", "de", "opus")).ShouldBe("audio: a0=English*, a1=German");
    }

    [Fact]
    public void Codecs_split_even_where_channels_cannot()
    {
        Describe(
            Track("a0", "en", channels: 6),
            Track("a1", "de"),
            Track("a2", "en", "opus"),
            Track("a3", "de", "opus"))
            .ShouldBe("audio: a0=English*, a1=German | audio-2: a2=English*, a3=German");
    }

    [Fact]
    public void Names_are_unique_even_against_names_that_look_made()
    {
        Describe(
            Track("a0", "en"),
            Track("a1", "en", name: "English 2"),
            Track("a2", "eng"),
            Track("a3", null),
            Track("a4", "qaa"))
            .ShouldBe("audio: a0=English*, a1=English 2, a2=English 3, a3=Audio 4, a4=Audio 5");
    }

    [Fact]
    public void The_file_says_which_is_the_default()
    {
        Describe(Track("a0", "en"), Track("a1", "de") with { IsDefault = true }).ShouldBe("audio: a0=English, a1=German*");
    }

    [Fact]
    public void Only_one_rendition_of_a_language_is_chosen_automatically()
    {
        var menu = AudioGroup.Of([
            Track("a0", "en"), Track("a1", "de"), Track("a2", "EN", name: "Commentary"), Track("a3", null),
            Track("a4", "en", name: "Main") with { IsDefault = true }])[0].Renditions;

        menu.Where(r => r.AutoSelect).Select(r => r.Track.Id).ShouldBe(["a1", "a4"]);
    }

    [Fact]
    public void An_alternative_takes_the_place_of_its_own_sound_and_the_others_stay_within_reach()
    {
        Describe(
            Track("a0", "en"),
            Track("a1", "de", name: "Deutsch"),
            Track("a2", "en") with { AlternativeOf = "a0" })
            .ShouldBe("audio: a0=English*, a1=Deutsch | audio-2: a2=English*, a1=Deutsch");
        Describe(Track("a0", null), Track("a1", null, "opus") with { AlternativeOf = "a0" })
            .ShouldBe("audio: a0=Audio* | audio-2: a1=Audio*");
    }

    [Fact]
    public void An_alternative_of_what_is_not_offered_any_more_is_a_sound_like_others()
    {
        Describe(Track("a2", "en") with { AlternativeOf = "a0" }, Track("a1", "de")).ShouldBe("audio: a2=English*, a1=German");
    }

    [Fact]
    public void No_audio_gives_no_group() => AudioGroup.Of([Sample.Video]).ShouldBeEmpty();

    [Fact]
    public void A_thousand_tracks_of_one_name_are_named_at_once()
    {
        var tracks = Enumerable.Range(0, 1000).Select(i => Track($"a{i}", "en", name: "X"));

        AudioGroup.Of(tracks)[0].Renditions.Select(r => r.Name).Distinct().Count().ShouldBe(1000);
    }
}
