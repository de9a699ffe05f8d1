using System.Text;
using System.Text.RegularExpressions;
using Sluice.Server.Outbound;
using Sluice.Server.Processes;

namespace Sluice.Server.Resolve;

/// <summary>What a program said.</summary>
/// <param name="Output">All that it printed; null when there is a problem.</param>
/// <param name="Problem">Why it is of no use, in words for a person and without addresses.</param>
internal sealed record ResolverOutput(string? Output, string? Problem);

/// <summary>
/// Runs a <see cref="ResolverProgram"/> within bounds. What it asks the web goes through our relay, so that the same addresses are
/// refused to it as to us.
/// </summary>
/// <param name="connector">For the relay.</param>
/// <param name="clock">For the relay.</param>
/// <param name="searchPath">Folders, separated as in the environment variable PATH.</param>
internal sealed partial class ResolverRunner(CheckedConnector connector, TimeProvider clock, string searchPath) : IDisposable
{
    private const int MostBytesOfAnswer = 1 << 20;
    private const int LongestWords = 200;

    /// <summary>Programs at the same time: each is an interpreter of its own, with half a second of processor time before it does anything.</summary>
    private const int MostAtOnce = 2;

    private static readonly ChildLimits Limits = new()
    {
        WallTime = TimeSpan.FromSeconds(90),
        CpuSeconds = 60,
        MemoryBytes = 2L << 30,
        FileBytes = 64L << 20,
    };

    private readonly SemaphoreSlim _turns = new(MostAtOnce);

    /// <summary>Whether the program is installed here.</summary>
    public bool Has(ResolverProgram program) => ProgramSearch.Find(program.Name, searchPath) is not null;

    /// <summary>Asks a program about a page.</summary>
    public async Task<ResolverOutput> RunAsync(ResolverProgram program, IReadOnlyList<string> arguments, OutboundUrl page, CancellationToken ct)
    {
        if (ProgramSearch.Find(program.Name, searchPath) is not { } path)
        {
            return new ResolverOutput(null, Missing(program.Name));
        }

        await _turns.WaitAsync(ct);
        try
        {
            return await AskAsync(program, path, arguments, page, ct);
        }
        finally
        {
            _turns.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _turns.Dispose();

    /// <summary>What a person can do about a program that is not there.</summary>
    public static string Missing(string program) =>
        $"{program} is not installed on the server; install it (Debian: apt install {program}; elsewhere: pipx install {program}).";

    private async Task<ResolverOutput> AskAsync(
        ResolverProgram program, string path, IReadOnlyList<string> arguments, OutboundUrl page, CancellationToken ct)
    {
        await using var relay = new OutboundRelay(connector, clock);
        await using var child = await ChildProcess.StartAsync(
            new ChildCommand
            {
                Program = path,
                Arguments = [.. arguments, page.Address.AbsoluteUri],
                Proxy = relay.Url,
                WorkingFolder = Path.GetTempPath(),
                Limits = Limits,
                ReadsOutput = true,
            },
            ct);
        var answer = await child.ReadOutputAsync(MostBytesOfAnswer, ct);
        var exit = await child.Completion;
        if (exit.IsSuccess && answer is not null)
        {
            return new ResolverOutput(Encoding.UTF8.GetString(answer), null);
        }

        // How it says no matters to people ("the channel is not live"); a signal or a limit says more than its last line.
        ct.ThrowIfCancellationRequested();
        var said = exit.Reason == ExitReason.Exited && exit.Signal is null ? LastWords(child.ErrorTail, answer ?? []) : null;
        return new ResolverOutput(null, said is null ? $"{program.Name} {exit}." : $"{program.Name} says: {said}");
    }

    /// <summary>Its last line, from standard error or, as streamlink has it, from its answer; without addresses, which may hold secrets.</summary>
    private static string? LastWords(string errors, byte[] answer)
    {
        var text = errors.Length > 0 ? errors : StreamAnswer.ErrorOf(Encoding.UTF8.GetString(answer));
        if (text?.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is not [.., var last])
        {
            return null;
        }

        var words = Addresses().Replace(last, "…");
        return words.Length <= LongestWords ? words : words[..LongestWords] + "…";
    }

    [GeneratedRegex(@"[a-z][a-z0-9+.-]*://[^\s'""<>]+|\S*[?&][\w-]+=\S*", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Addresses();
}
