using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest.Arriving;

namespace Sluice.Server.Manage;

/// <summary>The list of the library: <c>GET /api/v1/media</c>. Whatever is asked for, one page is read and no more.</summary>
internal static class LibraryList
{
    private const int DefaultPage = 50;
    private const int LargestPage = 200;
    private const int LongestSearch = 200;

    /// <summary>Each word costs a look at every title.</summary>
    private const int MostWords = 8;

    private const string StateRule = "`state` is one or more of `ready`, `arriving`, `processing`, `needs-transcode` and `failed`, with commas between them.";
    private const string SortRule = "`sort` is `newest`, `oldest`, `title`, `longest` or `largest`.";

    /// <summary>Answers one page.</summary>
    public static async Task<IResult> ListAsync(
        AssetDirectory assets, ArrivalDesk arrivals, AssetId? after, int? limit, string? search, string? state, string? sort, CancellationToken ct)
    {
        if (search is { Length: > LongestSearch } || LibraryKey.WordsOf(search) is not { Count: <= MostWords } words)
        {
            return Problem.Result(ErrorCode.RequestInvalid, $"`search` is at most {MostWords} words of {LongestSearch} characters in all.");
        }

        if (!TryStates(state, out var states))
        {
            return Problem.Result(ErrorCode.RequestInvalid, StateRule);
        }

        if (OrderOf(sort) is not { } order)
        {
            return Problem.Result(ErrorCode.RequestInvalid, SortRule);
        }

        var query = new LibraryQuery(words, states, order);
        var count = Math.Clamp(limit ?? DefaultPage, 1, LargestPage);
        var found = await assets.ListAsync(query, after, count, ct);
        var next = found.Count == count ? found[^1].Id.Value : null;
        return TypedResults.Json(
            new MediaPage(
                [.. found.Select(asset => MediaView.Of(asset, arrivals.StatusOf(asset.Id)))],
                next,
                after is not null ? null : next is null ? found.Count : await assets.CountAsync(query, ct)),
            ManageJson.Default.MediaPage);
    }

    private static bool TryStates(string? given, out IReadOnlyList<AssetState> states)
    {
        var all = Enum.GetValues<AssetState>();
        var words = (given ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        states = [.. all.Where(state => words.Contains(state.Name(), StringComparer.Ordinal))];
        return words.All(word => all.Any(state => state.Name() == word));
    }

    private static LibraryOrder? OrderOf(string? given) => given switch
    {
        null or "" or "newest" => LibraryOrder.Newest,
        "oldest" => LibraryOrder.Oldest,
        "title" => LibraryOrder.Title,
        "longest" => LibraryOrder.Longest,
        "largest" => LibraryOrder.Largest,
        _ => null,
    };
}
