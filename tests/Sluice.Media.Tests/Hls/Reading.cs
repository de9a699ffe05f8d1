using System.Text;
using Shouldly;
using Sluice.Media.Hls;

namespace Sluice.Media.Tests.Hls;

/// <summary>Playlists read from text.</summary>
internal static class Reading
{
    /// <summary>A media playlist; the header is put before it.</summary>
    public static HlsMediaPlaylist Media(string lines, HlsSurroundings? around = null) => Read(lines, around).ShouldBeOfType<HlsMediaPlaylist>();

    /// <summary>A multivariant playlist; the header is put before it.</summary>
    public static HlsMultivariantPlaylist Multivariant(string lines) => Read(lines, null).ShouldBeOfType<HlsMultivariantPlaylist>();

    /// <summary>Why it is refused; the header is put before it, so that the first line is line 2.</summary>
    public static string Refusal(string lines, HlsSurroundings? around = null)
    {
        HlsPlaylistReader.TryRead(Encoding.UTF8.GetBytes("#EXTM3U\n" + lines), out var problem, around).ShouldBeNull();
        return problem.ShouldNotBeNull().ToString();
    }

    private static HlsPlaylist Read(string lines, HlsSurroundings? around)
    {
        var playlist = HlsPlaylistReader.TryRead(Encoding.UTF8.GetBytes("#EXTM3U\n" + lines), out var problem, around);
        problem.ShouldBeNull();
        return playlist.ShouldNotBeNull();
    }
}
