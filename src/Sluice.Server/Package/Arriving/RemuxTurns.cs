using Sluice.Server.Catalog;

namespace Sluice.Server.Package.Arriving;

/// <summary>Files that are repackaged while they arrive take turns: each is a process that reads and writes all of its file.</summary>
internal static class RemuxTurns
{
    /// <summary>So many go on at once.</summary>
    public const int Most = 4;

    /// <summary>Players ask more often, so one that is asked for less is not being watched just now, and makes room.</summary>
    private static readonly TimeSpan Unwatched = TimeSpan.FromSeconds(15);

    /// <summary>Whether another file may begin. One whose bytes are all there is no matter of long.</summary>
    /// <param name="file">The file.</param>
    /// <param name="open">The titles that are open.</param>
    /// <param name="clock">Tells the time.</param>
    /// <param name="leaving">The title that makes room; null when none has to.</param>
    public static bool IsFree(ArrivingFile file, IEnumerable<ArrivingTitle> open, TimeProvider clock, out AssetId? leaving)
    {
        leaving = null;
        var going = open.Where(t => t.Remux is { Ended.IsCompleted: false }).ToList();
        if (file.LandedBytes >= file.TotalBytes || going.Count < Most)
        {
            return true;
        }

        var oldest = going.MinBy(t => t.AskedTimestamp)!;
        leaving = clock.GetElapsedTime(oldest.AskedTimestamp) >= Unwatched ? oldest.File.Id : null;
        return leaving is not null;
    }
}
