using System.Globalization;
using System.Text;
using Sluice.Server.Processes;

namespace Sluice.Server.Torrents.Engine;

/// <summary>A Python that has libtorrent.</summary>
/// <param name="Python">Full path of the interpreter.</param>
/// <param name="Version">Of libtorrent, such as <c>2.0.8.0</c>.</param>
internal sealed record EngineFacts(string Python, string Version);

/// <summary>
/// Finds what the torrent engine runs on. It is optional for the server and looked for when it is needed, so that it may be installed while
/// the server runs. The first <c>python3</c> of a machine is often not the one that Debian's packages are for: every one of them is tried.
/// </summary>
/// <param name="python">Full path of the interpreter to use; null looks for one.</param>
/// <param name="searchPath">Folders, separated as in the environment variable PATH; null means those of this process.</param>
internal sealed class EngineProgram(string? python = null, string? searchPath = null)
{
    /// <summary>What a person can do.</summary>
    public const string HowToInstall = "apt-get install python3-libtorrent";

    private const string Missing = $"Torrents need Python with libtorrent 2.0 or newer on the server; install it with `{HowToInstall}`.";
    private const int OldestMajorVersion = 2;
    private const int MostBytesOfAnswer = 1 << 10;

    private static readonly ChildLimits AskingLimits = new() { WallTime = TimeSpan.FromSeconds(30), CpuSeconds = 15, MemoryBytes = 1L << 30 };

    private EngineFacts? _known;

    /// <summary>Looks for one, and asks it, once.</summary>
    /// <returns>The facts, or why there is nothing to work with and what to do about it, in one sentence.</returns>
    public async ValueTask<(EngineFacts? Facts, string? MissingReason)> CheckAsync(CancellationToken ct)
    {
        if (_known is { } known && ProgramSearch.IsProgram(known.Python))
        {
            return (known, null);
        }

        foreach (var program in Candidates())
        {
            if (await AskAsync(program, ct) is { } version)
            {
                _known = new EngineFacts(program, version);
                return (_known, null);
            }
        }

        return (null, python is null ? Missing : $"The Python of torrents.python has no libtorrent 2.0 or newer; install it with `{HowToInstall}`.");
    }

    private IEnumerable<string> Candidates() => python is { } given
        ? ProgramSearch.IsProgram(given) ? [given] : []
        : (searchPath ?? ProgramSearch.SystemPath + Path.PathSeparator + "/usr/bin")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => ProgramSearch.Find("python3", folder))
            .OfType<string>()
            .Distinct(StringComparer.Ordinal);

    private static async Task<string?> AskAsync(string program, CancellationToken ct)
    {
        await using var child = await ChildProcess.StartAsync(
            new ChildCommand
            {
                Program = program,
                Arguments = ["-I", "-c", "import libtorrent; print(libtorrent.__version__)"],
                WorkingFolder = Path.GetTempPath(),
                Limits = AskingLimits,
                ReadsOutput = true,
            },
            ct);
        var answer = await child.ReadOutputAsync(MostBytesOfAnswer, ct);
        var version = (await child.Completion).IsSuccess && answer is not null ? Encoding.UTF8.GetString(answer).Trim() : "";
        return int.TryParse(version.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major) && major >= OldestMajorVersion
            ? version
            : null;
    }
}
