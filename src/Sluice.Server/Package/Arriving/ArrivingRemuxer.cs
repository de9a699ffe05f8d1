using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Processes;
using Sluice.Server.Store;

namespace Sluice.Server.Package.Arriving;

/// <summary>Starts to repackage a file that arrives; null when that cannot be just now. The answer disposes of the source.</summary>
internal delegate Task<ArrivingRemux?> RemuxStep(ArrivingFile file, LandedSource source, RemuxPlan plan, string path);

/// <summary>Starts to repackage files that arrive.</summary>
internal sealed partial class ArrivingRemuxer(
    FfmpegTools tools, IObjectStore store, SluiceOptions options, TimeProvider clock, ILogger<ArrivingRemuxer> logger)
{
    /// <summary>Copying takes a second of processor time for some hundred megabytes.</summary>
    private const long BytesPerCpuSecond = 10 << 20;

    private const int LeastCpuSeconds = 60;

    /// <summary>Copying holds ten seconds of a film at most, unless the file is made to have it hold more.</summary>
    private const long MostMemory = 1L << 30;

    /// <summary>Starts; null when the disk has no room for the rest of the file and all of it once more.</summary>
    /// <param name="file">What arrives.</param>
    /// <param name="source">Its bytes; the answer disposes of them.</param>
    /// <param name="plan">How it is repackaged.</param>
    /// <param name="path">Where the MP4 goes; must not exist yet.</param>
    public async Task<ArrivingRemux?> StartAsync(ArrivingFile file, LandedSource source, RemuxPlan plan, string path)
    {
        if (store.FreeBytes < file.TotalBytes - file.LandedBytes + file.TotalBytes)
        {
            Log.NoRoom(logger, file.Id);
            return null;
        }

        var child = await ChildProcess.StartAsync(
            new ChildCommand
            {
                Program = tools.Program ?? "ffmpeg",
                Arguments = plan.Arguments,
                WorkingFolder = Path.GetDirectoryName(path)!,
                Limits = new ChildLimits
                {
                    MemoryBytes = Math.Min(MostMemory, options.Transcode.MemoryBytes),
                    CpuSeconds = (int)Math.Min(int.MaxValue, LeastCpuSeconds + (file.TotalBytes / BytesPerCpuSecond)),
                    FileBytes = 0, // It writes to a pipe alone.
                },
                ReadsOutput = true,
                WritesInput = true,
            },
            CancellationToken.None);
        var feed = new RemuxFeed(source, TimeSpan.FromSeconds(options.Transcode.SilenceSeconds), clock, file.WasServed ? file.LandedBytes : 0);
        try
        {
            return new ArrivingRemux(file, source, path, plan, child, feed, store, logger);
        }
        catch
        {
            await child.DisposeAsync(); // There is no room, or no handle, for the file that it is to make.
            throw;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "{Asset} does not play while it arrives: the disk has no room to repackage it meanwhile")]
        public static partial void NoRoom(ILogger logger, AssetId asset);
    }
}
