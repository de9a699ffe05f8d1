using Sluice.Media.Tests.Building;
using Sluice.Tests;
using Xunit;

namespace Sluice.Media.Tests.Cmaf;

/// <summary>Init segments and segment heads, byte for byte, as reviewed.</summary>
public sealed class HeadGoldenTests
{
    [Fact]
    public void Init_of_a_video_track() => Golden.Match("cmaf/init-video.txt", BoxDump.Of(Video().Init));

    [Fact]
    public void Init_of_an_audio_track() => Golden.Match("cmaf/init-audio.txt", BoxDump.Of(
        CompiledTrack.Compile(new Mp4Builder().Audio(a => a.Packets(3).InLanguage("deu")).Source()).Init));

    [Fact]
    public void Head_of_a_segment_with_B_frames() => Golden.Match("cmaf/head-b-frames.txt", BoxDump.Of(Video().Segments[0].Head));

    [Fact]
    public void Head_of_a_segment_where_all_is_the_same() => Golden.Match("cmaf/head-constant.txt", BoxDump.Of(
        CompiledTrack.Compile(new Mp4Builder().Audio(a => a.Packets(3, size: 8)).Source()).Segments[0].Head));

    private static CompiledTrack Video() =>
        CompiledTrack.Compile(new Mp4Builder().Video(v => v.Frames("IPBB", 3600, 3600, 10800, 0, 0).Edit(0, 3600)).Source());
}
