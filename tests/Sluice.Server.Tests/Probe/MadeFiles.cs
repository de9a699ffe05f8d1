using System.Collections.Concurrent;
using Sluice.Server.Probe;
using Sluice.Server.Processes;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Probe;

/// <summary>Files of every kind, made with ffmpeg when a test asks for them and kept for the class.</summary>
public sealed class MadeFiles : IDisposable
{
    /// <summary>Two seconds of moving picture.</summary>
    public const string Picture = "-f lavfi -i testsrc2=s=160x90:r=25:d=2";

    /// <summary>Two seconds of sound.</summary>
    public const string Sound = "-f lavfi -i sine=440:d=2:r=48000";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-made-");
    private readonly ConcurrentDictionary<string, string> _made = new(StringComparer.Ordinal);

    /// <summary>The path of a file of this name, made with these arguments.</summary>
    public string Make(string name, string arguments) => _made.GetOrAdd(name + arguments, _ =>
    {
        var path = PathOf(name);
        Ffmpeg.Make(arguments, path);
        return path;
    });

    /// <summary>A path in a folder of its own.</summary>
    public string PathOf(string name) => Path.Combine(_folder.CreateSubdirectory(Guid.NewGuid().ToString("N")).FullName, name);

    /// <summary>The verdict on a file.</summary>
    internal static Task<SourceVerdict> JudgeAsync(string path)
    {
        Tool.Require("ffprobe");
        return Triage(new FfmpegTools()).JudgeAsync(path, TestContext.Current.CancellationToken);
    }

    /// <summary>A triage with these programs.</summary>
    internal static SourceTriage Triage(FfmpegTools tools) => new(tools, new SourceReader(tools));

    /// <summary>ffprobe's facts of a file.</summary>
    internal static async Task<SourceFacts> FactsAsync(string path)
    {
        Tool.Require("ffprobe");
        var (facts, reason) = await new SourceReader(new FfmpegTools()).ReadAsync(path, TestContext.Current.CancellationToken);
        Assert.True(facts is not null, reason);
        return facts;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
