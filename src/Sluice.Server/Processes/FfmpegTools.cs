using System.Text;

namespace Sluice.Server.Processes;

/// <summary>What is known of an ffmpeg that can be used.</summary>
/// <param name="Version">As it says, such as <c>5.1.9-0+deb12u1</c> or <c>N-109542-g1bf1c4a</c>.</param>
/// <param name="Encoders">ffmpeg's names of all encoders that it was built with.</param>
internal sealed record FfmpegFacts(string Version, IReadOnlySet<string> Encoders);

/// <summary>The ffmpeg and ffprobe of this machine. Both are optional for the server and looked for when they are needed, so
/// that they may be installed while it runs.</summary>
/// <param name="ffmpegPath">Full path of ffmpeg, with ffprobe in the same folder; null means on the search path.</param>
/// <param name="searchPath">Folders, separated as in the environment variable PATH; null means those of this process.</param>
internal sealed class FfmpegTools(string? ffmpegPath = null, string? searchPath = null)
{
    /// <summary>Older ones lack filters and options that are used.</summary>
    public const int OldestMajorVersion = 5;

    private const string HowToInstall = "install it with `apt-get install ffmpeg`";
    private const int MostBytesOfAnswer = 1 << 20;

    private static readonly ChildLimits AskingLimits = new() { WallTime = TimeSpan.FromSeconds(60), CpuSeconds = 15, MemoryBytes = 2L << 30 };

    private Known? _known;

    /// <summary>Full path of ffmpeg; null when it is not there.</summary>
    public string? Program => ffmpegPath is { } given
        ? ProgramSearch.IsProgram(given) ? given : null
        : ProgramSearch.Find("ffmpeg", searchPath ?? ProgramSearch.SystemPath);

    /// <summary>Full path of ffprobe; null when it is not there.</summary>
    public string? ProbeProgram =>
        ProgramSearch.Find("ffprobe", ffmpegPath is { } given ? Path.GetDirectoryName(given) ?? "" : searchPath ?? ProgramSearch.SystemPath);

    /// <summary>Looks for both programs and asks ffmpeg, once, what it is.</summary>
    /// <returns>The facts, or why there is nothing to work with and what to do about it, in one sentence.</returns>
    public async ValueTask<(FfmpegFacts? Facts, string? MissingReason)> CheckAsync(CancellationToken ct)
    {
        if (Program is not { } program)
        {
            return (null, ffmpegPath is null
                ? $"ffmpeg is not installed here; {HowToInstall}"
                : "there is no ffmpeg where the configuration says (transcode.ffmpeg)");
        }

        if (ProbeProgram is null)
        {
            return (null, $"ffprobe, a part of ffmpeg, is not installed here; {HowToInstall}");
        }

        var written = File.GetLastWriteTimeUtc(program);
        if (_known is { } known && known.File == program && known.Written == written)
        {
            return (known.Facts, null);
        }

        // Two who come first at the same time both ask, which does no harm.
        var (facts, reason) = await AskAsync(program, ct);
        _known = facts is null ? null : new Known(program, written, facts);
        return (facts, reason);
    }

    private static async Task<(FfmpegFacts? Facts, string? MissingReason)> AskAsync(string program, CancellationToken ct)
    {
        var banner = await AnswerAsync(program, "-version", ct);
        if (banner is null || FfmpegBanner.VersionIn(banner) is not { } version)
        {
            return (null, $"ffmpeg is installed but does not run; {HowToInstall}");
        }

        // A build from the sources' head has no number that could be compared; it is newer than any release of its day.
        if (FfmpegBanner.MajorOf(version) < OldestMajorVersion)
        {
            return (null, $"ffmpeg {version} is too old, {OldestMajorVersion}.0 or newer is needed; {HowToInstall} on a newer system");
        }

        var list = await AnswerAsync(program, "-encoders", ct) ?? "";
        return (new FfmpegFacts(version, FfmpegBanner.EncodersIn(list)), null);
    }

    private static async Task<string?> AnswerAsync(string program, string question, CancellationToken ct)
    {
        await using var child = await ChildProcess.StartAsync(
            new ChildCommand
            {
                Program = program,
                Arguments = ["-hide_banner", question],
                WorkingFolder = Path.GetTempPath(),
                Limits = AskingLimits,
                ReadsOutput = true,
            },
            ct);
        var answer = await child.ReadOutputAsync(MostBytesOfAnswer, ct);
        return (await child.Completion).IsSuccess && answer is not null ? Encoding.UTF8.GetString(answer) : null;
    }

    private sealed record Known(string File, DateTime Written, FfmpegFacts Facts);
}
