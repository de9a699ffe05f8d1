using Sluice.Server.Catalog;
using Sluice.Server.Hosting;

namespace Sluice.Server.Transcode;

/// <summary>Cuts the encoding of a title into tasks.</summary>
internal static class EncodeTasks
{
    /// <summary>The first chunk by itself, since whoever uploads looks at it next; then runs of the configured length.</summary>
    public static IReadOnlyList<NewTask> Of(PlanResult plan, TranscodeOptions options)
    {
        var perRun = Math.Max(1, (int)(options.RunSeconds / options.ChunkSeconds));
        var tasks = new List<NewTask>();
        foreach (var group in plan.Groups)
        {
            var renditions = string.Join(',', group.Renditions);
            tasks.Add(new NewTask(Urgency.Title, 1, 2, renditions));
            for (var first = 2; first <= group.ChunkCount; first += perRun)
            {
                tasks.Add(new NewTask(Urgency.Background, first, Math.Min(first + perRun, group.ChunkCount + 1), renditions));
            }
        }

        return tasks;
    }
}
