using System.Text;
using Sluice.Server.Hosting;
using Sluice.Server.Outbound;
using Sluice.Server.Processes;

namespace Sluice.Server.Ingest.Imports;

/// <summary>
/// Finds the file behind a web page, by programs that people install for that: yt-dlp and streamlink. What they ask the web goes through
/// our relay, and what they answer is fetched like any other URL: the same rules hold for all of it.
/// </summary>
/// <param name="options">Whether pages are looked into.</param>
/// <param name="connector">For the relay.</param>
/// <param name="clock">For the relay.</param>
/// <param name="searchPath">Folders, separated as in the environment variable PATH.</param>
internal sealed class PageResolver(SluiceOptions options, CheckedConnector connector, TimeProvider clock, string searchPath)
{
    private const int MostBytesOfAnswer = 1 << 20;

    private static readonly ChildLimits Limits = new()
    {
        WallTime = TimeSpan.FromSeconds(90),
        CpuSeconds = 60,
        MemoryBytes = 2L << 30,
        FileBytes = 64L << 20,
    };

    /// <summary>In the order in which they are asked, with their option for a proxy. A URL is an argument behind <c>--</c>, and never an option.</summary>
    private static readonly (string Program, string Proxy, string[] Arguments)[] Programs =
    [
        ("yt-dlp", "--proxy",
        [
            "--ignore-config", "--no-cache-dir", "--no-playlist", "--simulate", "--quiet", "--no-warnings",
            "--format", "b[protocol=https]/b[protocol=http]", "--print", "urls", "--",
        ]),
        ("streamlink", "--http-proxy", ["--config", "/dev/null", "--stream-url", "--default-stream", "best", "--"]),
    ];

    /// <summary>Whether pages are looked into.</summary>
    public bool IsOn => options.Ingest.Resolvers;

    /// <summary>The file behind a page; null when nobody knows of one.</summary>
    public async Task<OutboundUrl?> ResolveAsync(OutboundUrl page, CancellationToken ct)
    {
        foreach (var (name, proxy, arguments) in IsOn ? Programs : [])
        {
            if (ProgramSearch.Find(name, searchPath) is { } program
                && await AskAsync(program, proxy, [.. arguments, page.Address.AbsoluteUri], ct) is { } answer
                && FileOf(answer) is { } file)
            {
                return file;
            }
        }

        return null;
    }

    private async Task<string?> AskAsync(string program, string proxy, string[] arguments, CancellationToken ct)
    {
        await using var relay = new OutboundRelay(connector, clock);
        await using var child = await ChildProcess.StartAsync(
            new ChildCommand
            {
                Program = program,
                Arguments = [proxy, relay.Url, .. arguments],
                WorkingFolder = Path.GetTempPath(),
                Limits = Limits,
                ReadsOutput = true,
            },
            ct);
        var answer = await child.ReadOutputAsync(MostBytesOfAnswer, ct);
        return (await child.Completion).IsSuccess && answer is not null ? Encoding.UTF8.GetString(answer) : null;
    }

    /// <summary>The first line that is the URL of a file, and not of a playlist, whose parts are not ours to gather.</summary>
    private static OutboundUrl? FileOf(string answer) => answer.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(line => OutboundUrl.TryParse(line, out var url) ? url : null)
        .FirstOrDefault(url => url is not null && Path.GetExtension(url.FileName).ToLowerInvariant() is not (".m3u8" or ".mpd"));
}
