using Sluice.Server.Catalog;
using Sluice.Server.Hosting;

namespace Sluice.Server.Transcode;

/// <summary>Cuts the encoding of a title into tasks.</summary>
internal static class EncodeTasks
{
    /// <summary>Runs of the configured length that nobody waits for: what somebody waits for is a task of theirs, of the one rendition
    /// that they play.</summary>
    public static IReadOnlyList<NewTask> Of(PlanResult plan, TranscodeOptions options)
    {
        var perRun = Math.Max(1, (int)(options.RunSeconds / options.ChunkSeconds));
        var tasks = new List<NewTask>();
        foreach (var group in plan.Groups)
        {
            var renditions = string.Join(',', group.Renditions);
            for (var first = 1; first <= group.ChunkCount; first += perRun)
            {
                tasks.Add(NewTask.Beside() with { FirstChunk = first, EndChunk = Math.Min(first + perRun, group.ChunkCount + 1), Renditions = renditions });
            }
        }

        return tasks;
    }
}
