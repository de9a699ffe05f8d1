namespace Sluice.Server.Resolve;

/// <summary>
/// A program that people install to find what plays behind a web page. A URL is an argument behind <c>--</c>, and never an option.
/// </summary>
/// <param name="Name">Of the program, in the configuration too.</param>
/// <param name="FileArguments">What has it print addresses of single files, a line each.</param>
/// <param name="StreamArguments">What has it print where an HLS playlist is; read by <see cref="StreamAnswer"/>.</param>
internal sealed record ResolverProgram(
    string Name, IReadOnlyList<string> FileArguments, IReadOnlyList<string> StreamArguments)
{
    private static readonly string[] YtDlpManners =
        ["--ignore-config", "--no-cache-dir", "--no-playlist", "--simulate", "--quiet", "--no-warnings"];

    /// <summary>In the order in which they are asked when none is named.</summary>
    public static IReadOnlyList<ResolverProgram> All { get; } =
    [
        new(
            "yt-dlp",
            [.. YtDlpManners, "--format", "b[protocol=https]/b[protocol=http]", "--print", "urls", "--"],

            // The multivariant playlist where there is one: which variant is taken is for the channel to say.
            [
                .. YtDlpManners, "--format", "b[protocol^=m3u8]/bv*[protocol^=m3u8]/ba[protocol^=m3u8]",
                "--print", "%(manifest_url,url)s", "--print", "%(http_headers)j", "--",
            ]),
        new(
            "streamlink",
            ["--config", "/dev/null", "--stream-url", "--default-stream", "best", "--"],
            ["--config", "/dev/null", "--json", "--"]),
    ];

    /// <summary>The program of a name; null when there is none.</summary>
    public static ResolverProgram? Of(string name) => All.FirstOrDefault(program => program.Name == name);
}
