namespace Sluice.Server.Processes;

/// <summary>Tells an ffmpeg that something else ended from one that failed at its work: the first says nothing about the file.</summary>
internal static class FfmpegFailure
{
    private const int Hangup = 1;
    private const int Interrupt = 2;
    private const int Kill = 9;
    private const int Terminate = 15;

    /// <summary>What ffmpeg exits with when it was asked to end, once (fftools/ffmpeg.c).</summary>
    private const int AskedToEnd = 255;

    private static readonly string[] OutOfMemory = ["Cannot allocate memory", "malloc of size", "std::bad_alloc"];

    /// <summary>What ended it, in words for a person; null when it failed by itself, or was ended by this server.</summary>
    /// <param name="exit">How it ended.</param>
    /// <param name="words">What it said last.</param>
    public static string? FromOutside(ChildExit exit, string words) => exit switch
    {
        { Reason: ExitReason.StartFailed } => "ffmpeg could not be started",
        { Reason: not ExitReason.Exited } => null,
        { Signal: Kill } => "ffmpeg was killed, most likely because the machine ran out of memory",
        { Signal: Hangup or Interrupt or Terminate } => "ffmpeg was ended from outside",
        { Code: AskedToEnd } when words.Contains("received signal", StringComparison.Ordinal) => "ffmpeg was ended from outside",
        { IsSuccess: false } when Array.Exists(OutOfMemory, w => words.Contains(w, StringComparison.Ordinal)) =>
            "ffmpeg needed more memory than it may use (transcode.memoryBytes) or than there is",
        _ => null,
    };

    /// <summary>Whether it found no room for what it wrote, or reached the limit that was set because of the room.</summary>
    /// <param name="exit">How it ended.</param>
    /// <param name="words">What it said last.</param>
    public static bool IsDiskFull(ChildExit exit, string words) =>
        exit.Signal == ChildExit.FileSizeSignal || (!exit.IsSuccess && words.Contains("No space left on device", StringComparison.Ordinal));
}
