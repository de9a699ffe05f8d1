using System.Globalization;
using Sluice.Server.Processes;
using Sluice.Tests;

namespace Sluice.Server.Tests.Transcode;

/// <summary>
/// An ffmpeg that does what a script says when a run is to be encoded, and is the real one otherwise. In the script <c>REAL</c> is the
/// real one, <c>$all</c> the arguments, <c>$first</c> the first frame of the run's picture, <c>HELD</c> a file that is there from
/// <see cref="Hold"/> to <see cref="LetGo"/>, and <c>RUNS</c> one with a line for each run so far.
/// A script that comes to its end goes on with the real one.
/// </summary>
internal sealed class FfmpegStub
{
    private readonly string _runs;
    private readonly string _held;

    public FfmpegStub(DirectoryInfo folder, string script)
    {
        Tool.Require("bash");
        Tool.Require("ffmpeg");
        var real = new FfmpegTools();
        Program = Path.Combine(folder.FullName, "ffmpeg");
        _runs = Path.Combine(folder.FullName, "runs");
        _held = Path.Combine(folder.FullName, "held");
        File.WriteAllText(Program, $$"""
            #!/bin/bash
            case "$*" in
              *,trim=start_pts=0:end_pts=4,*) exec {{real.Program}} "$@" ;;
              *,trim=start_pts=*) ;;
              *) exec {{real.Program}} "$@" ;;
            esac
            all="$*"; first=${all#*,trim=start_pts=}; first=${first%%:*}
            echo "$first" >> {{_runs}}
            {{script.Replace("REAL", real.Program, StringComparison.Ordinal).Replace("HELD", _held, StringComparison.Ordinal).Replace("RUNS", _runs, StringComparison.Ordinal)}}
            exec {{real.Program}} "$@"

            """);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Program, (UnixFileMode)0b111_101_101);
        }

        File.CreateSymbolicLink(Path.Combine(folder.FullName, "ffprobe"), real.ProbeProgram!);
    }

    /// <summary>Its path.</summary>
    public string Program { get; }

    /// <summary>First frame of every run that was begun.</summary>
    public int[] Runs => File.Exists(_runs) ? [.. File.ReadAllLines(_runs).Select(l => int.Parse(l, CultureInfo.InvariantCulture))] : [];

    /// <summary>What the script looks for.</summary>
    public void Hold() => File.WriteAllText(_held, "");

    /// <summary>And finds no longer.</summary>
    public void LetGo() => File.Delete(_held);
}
