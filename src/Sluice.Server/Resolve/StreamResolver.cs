using Sluice.Server.Outbound;

namespace Sluice.Server.Resolve;

/// <summary>What was found behind a page.</summary>
/// <param name="Stream">Where an HLS playlist is; null when there is a problem. It is the word of another server: it has no right that the
/// page had, and every address is checked anew.</param>
/// <param name="Problem">In words for a person, without addresses.</param>
internal sealed record ResolvedStream(StreamAnswer? Stream, string? Problem);

/// <summary>Finds the HLS playlist behind the web page of a channel, with the program that the channel names.</summary>
internal sealed class StreamResolver(ResolverRunner runner)
{
    /// <summary>Asks. Takes seconds, and what is answered often holds for hours only: ask again when it is refused.</summary>
    /// <param name="program"><c>streamlink</c> or <c>yt-dlp</c>.</param>
    /// <param name="page">The page.</param>
    /// <param name="ct">Ends the program.</param>
    public async Task<ResolvedStream> ResolveAsync(string program, OutboundUrl page, CancellationToken ct)
    {
        if (ResolverProgram.Of(program) is not { } known)
        {
            return new ResolvedStream(null, $"There is no resolver '{program}': {string.Join(" or ", ResolverProgram.All.Select(p => p.Name))}.");
        }

        var answer = await runner.RunAsync(known, known.StreamArguments, page, ct);
        if (answer.Output is not { } output)
        {
            return new ResolvedStream(null, answer.Problem);
        }

        return StreamAnswer.Read(output) is { } stream
            ? new ResolvedStream(stream, null)
            : new ResolvedStream(null, $"{program} finds no HLS stream behind the page.");
    }
}
