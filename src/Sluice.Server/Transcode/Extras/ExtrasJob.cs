using Sluice.Server.Catalog;

namespace Sluice.Server.Transcode.Extras;

/// <summary>The job that makes a title's poster, storyboard and subtitles.</summary>
internal static class ExtrasJob
{
    /// <summary>For any title that ffmpeg can read; nobody waits for it.</summary>
    public static NewJob For() => new(JobKind.Extras, [NewTask.Beside()]);
}
