using Sluice.Server.Jobs;
using Sluice.Server.Store;

namespace Sluice.Server.Transcode;

/// <summary>What a task answers that finds the disk full: that is no fault of the title, so it waits, however long.</summary>
internal static class NoRoom
{
    /// <summary>Between two looks; each costs a claim and a question to the file system.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(15);

    /// <summary>The answer.</summary>
    public static TaskResult Result { get; } = TaskResult.Waiting(DiskFull.Reason, Pause);
}
