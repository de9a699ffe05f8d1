using System.Globalization;
using Sluice.Server.Hosting;

namespace Sluice.Server.Cli;

/// <summary>Looks at the folder for what sessions keep for a while, where one is given: whether it can be written, and has the room that it may take.</summary>
internal static class ScratchCheck
{
    private const string Subject = "scratch";

    /// <summary>What was found; nothing where the data folder does.</summary>
    public static IEnumerable<Finding> Of(SessionsOptions sessions)
    {
        if (sessions.Scratch is not { } given)
        {
            yield break;
        }

        var folder = Path.GetFullPath(given);
        var existing = folder;
        while (!Directory.Exists(existing) && Path.GetDirectoryName(existing) is { } parent)
        {
            existing = parent;
        }

        if (!Checkup.IsWritable(existing))
        {
            yield return new Finding(Severity.Fail, Subject, $"{existing} cannot be written", "change its owner, or give another with sessions.scratch");
            yield break;
        }

        var disk = new DriveInfo(existing);
        var found = string.Create(CultureInfo.InvariantCulture, $"{disk.AvailableFreeSpace / 1e9:0.0} GB in {folder}{(disk.DriveFormat is "tmpfs" or "ramfs" ? ", which is memory" : "")}");
        yield return disk.AvailableFreeSpace < sessions.ScratchBytes
            ? new Finding(
                Severity.Warn, Subject,
                string.Create(CultureInfo.InvariantCulture, $"{found}, and sessions may keep {sessions.ScratchBytes / 1e9:0.0} GB there"), "lower sessions.scratchBytes")
            : new Finding(Severity.Ok, Subject, found);
    }
}
