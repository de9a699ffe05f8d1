using Sluice.Server.Sessions;

namespace Sluice.Server.Manage.Sessions;

/// <summary>Subtitles of what a session plays that are pictures: they are shown when they are drawn into the picture, for all who watch.</summary>
/// <param name="Burned">Track of those that are drawn; null for none.</param>
/// <param name="Images">Those that can be drawn.</param>
internal sealed record DrawnView(int? Burned, IReadOnlyList<ImageSubtitlesView> Images)
{
    /// <summary>The view of <paramref name="title"/>.</summary>
    public static DrawnView Of(SessionTitle title) =>
        new(title.BurnedTrack, [.. title.Drawable.Select(d => new ImageSubtitlesView(d.Track, d.Codec, d.Language, d.Name))]);
}

/// <summary>Subtitles that are pictures.</summary>
/// <param name="Track">Their place among the tracks of the source, from 0.</param>
/// <param name="Codec">ffmpeg's name, such as <c>hdmv_pgs_subtitle</c>.</param>
/// <param name="Language">BCP 47 tag, or null.</param>
/// <param name="Name">The file's own name of them: text, or null.</param>
internal sealed record ImageSubtitlesView(int Track, string Codec, string? Language, string? Name);
