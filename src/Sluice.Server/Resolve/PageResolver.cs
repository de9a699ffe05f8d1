using Sluice.Server.Hosting;
using Sluice.Server.Outbound;

namespace Sluice.Server.Resolve;

/// <summary>
/// Finds the file behind a web page, by programs that people install for that. What they answer is fetched like any other URL: the same
/// rules hold for all of it.
/// </summary>
internal sealed class PageResolver(SluiceOptions options, ResolverRunner runner)
{
    /// <summary>Whether pages are looked into.</summary>
    public bool IsOn => options.Ingest.Resolvers;

    /// <summary>The file behind a page; null when nobody knows of one.</summary>
    public async Task<OutboundUrl?> ResolveAsync(OutboundUrl page, CancellationToken ct)
    {
        foreach (var program in IsOn ? ResolverProgram.All : [])
        {
            if (runner.Has(program)
                && (await runner.RunAsync(program, program.FileArguments, page, ct)).Output is { } answer
                && FileOf(answer) is { } file)
            {
                return file;
            }
        }

        return null;
    }

    /// <summary>The first line that is the URL of a file, and not of a playlist, whose parts are not ours to gather.</summary>
    private static OutboundUrl? FileOf(string answer) => answer.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(line => OutboundUrl.TryParse(line, out var url) ? url : null)
        .FirstOrDefault(url => url is not null && Path.GetExtension(url.FileName).ToLowerInvariant() is not (".m3u8" or ".mpd"));
}
