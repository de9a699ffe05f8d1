using Shouldly;
using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;
using Sluice.Media.Tests.Building;
using Xunit;

namespace Sluice.Media.Tests.Codecs;

/// <summary>An entry that does not fit its track is never taken for one that can be copied.</summary>
public sealed class EntryKindTests
{
    [Fact]
    public void An_entry_of_the_other_kind_is_a_problem()
    {
        SampleDescription.TryParse(SampleEntries.Avc, TrackKind.Audio).ShouldNotBeNull().Problem.ShouldNotBeNull();
        SampleDescription.TryParse(SampleEntries.Aac, TrackKind.Video).ShouldNotBeNull().Problem.ShouldNotBeNull();
    }

    [Theory]
    [InlineData(0x21)] // H.264 without an avcC
    [InlineData(0x23)] // HEVC without an hvcC
    [InlineData(0x40)] // AAC
    public void An_mp4v_entry_of_what_is_no_MPEG_4_video_is_a_problem(byte objectType)
    {
        byte[] esds = [0, 0, 0, 0, 3, 18, 0, 0, 0, 4, 13, objectType, 0x11, .. new byte[11]];
        var entry = BoxWriting.Box("mp4v", new byte[78], BoxWriting.Box("esds", esds));

        SampleDescription.TryParse(entry, TrackKind.Video).ShouldNotBeNull().Problem.ShouldNotBeNull();
    }
}
