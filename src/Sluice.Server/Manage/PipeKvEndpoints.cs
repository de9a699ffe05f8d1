using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Server.Access;
using Sluice.Server.Store;
using Sluice.Server.Store.PipeKv;

namespace Sluice.Server.Manage;

/// <summary>What is published in the key-value store, and how fast it answers: <c>/api/v1/pipekv</c>.</summary>
internal static class PipeKvEndpoints
{
    /// <summary>Maps the route.</summary>
    public static void MapPipeKvApi(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/pipekv", GetAsync).RequireOperator().WithTags("pipekv")
            .WithSummary("Names of published playlists, and the last reads of the key-value store.");

    private static async Task<JsonHttpResult<PipeKvView>> GetAsync(HttpContext context, PipeKvLatencies latencies, CancellationToken ct)
    {
        IReadOnlyList<string> names = [];
        string? problem = null;
        try
        {
            names = context.RequestServices.GetService<IPublishedFiles>() is { } files ? await PublishedNames.ReadAsync(files, ct) : [];
        }
        catch (PublishedFileException e)
        {
            problem = (e as PipeKvException)?.Full ?? e.Message;
        }

        return TypedResults.Json(
            new PipeKvView(
                context.RequestServices.GetService<PipeKvNode>()?.Name,
                names,
                problem,
                [.. latencies.All().Select(static node => PipeKvReadsView.Of(node.Node, node.Reads))]),
            ManageJson.Default.PipeKvView);
    }
}
