using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest;
using Sluice.Server.Ingest.Imports;
using Sluice.Server.Outbound;

namespace Sluice.Server.Manage;

/// <summary>Files that the server fetches by itself: <c>/api/v1/imports</c>.</summary>
internal static class ImportEndpoints
{
    private const int DefaultPage = 50;
    private const int LargestPage = 200;

    /// <summary>Maps the routes.</summary>
    public static void MapImports(this IEndpointRouteBuilder routes)
    {
        var imports = routes.MapGroup("/api/v1/imports").WithTags("imports").RequireOperator();
        imports.MapPost("/", AddAsync)
            .Accepts<ImportRequest>("application/json").Produces<ImportView>(StatusCodes.Status202Accepted)
            .WithSummary("Download a file and publish it. A URL that is being imported already is answered with that import.");
        imports.MapGet("/", ListAsync)
            .WithSummary("Imports, newest first, with those of the watch folder.");
        imports.MapGet("/{id}", GetAsync).Produces<ImportView>()
            .WithSummary("One import.");
        imports.MapDelete("/{id}", RemoveAsync).Produces(StatusCodes.Status204NoContent)
            .WithSummary("Call off an import; one that has ended is forgotten. Its title, if there is one, stays.");
    }

    private static async Task<IResult> AddAsync(HttpContext context, ImportDesk desk, CancellationToken ct)
    {
        if (await JsonBody.ReadAsync(context.Request, ct) is not { } body || !JsonBody.TryMinutes(body, out _, out var minutes))
        {
            return Problem.Result(ErrorCode.RequestInvalid, $"Send a JSON object with `url` and, if wanted, `title`. {UploadFields.MinutesRule}");
        }

        if (!UploadFields.TryTitle(TextOf(body, "title"), out var title))
        {
            return Problem.Result(ErrorCode.RequestInvalid, UploadFields.TitleRule);
        }

        if (!OutboundUrl.TryParse(TextOf(body, "url"), out var url))
        {
            return Problem.Result(ErrorCode.AddressRefused);
        }

        try
        {
            var import = await desk.AddAsync(url, title, minutes, ct);
            context.Response.Headers.Location = $"/api/v1/imports/{import.Id}";
            return TypedResults.Json(ImportView.Of(import), ManageJson.Default.ImportView, statusCode: StatusCodes.Status202Accepted);
        }
        catch (IntakeRefusedException e)
        {
            context.Response.Headers.RetryAfter = "60";
            return Problem.Result(e.Error, e.Detail);
        }
    }

    private static async Task<JsonHttpResult<ImportPage>> ListAsync(IImportCatalog catalog, AssetId? after, int? limit, CancellationToken ct)
    {
        var count = Math.Clamp(limit ?? DefaultPage, 1, LargestPage);
        var found = await catalog.ListImportsAsync(after, count, ct);
        var next = found.Count == count ? found[^1].Id.Value : null;
        return TypedResults.Json(new ImportPage([.. found.Select(ImportView.Of)], next), ManageJson.Default.ImportPage);
    }

    private static async Task<IResult> GetAsync(string id, IImportCatalog catalog, CancellationToken ct) =>
        AssetId.TryParse(id, null, out var name) && await catalog.FindImportAsync(name, ct) is { } import
            ? TypedResults.Json(ImportView.Of(import), ManageJson.Default.ImportView)
            : Problem.Result(ErrorCode.ImportUnknown);

    private static async Task<IResult> RemoveAsync(string id, ImportDesk desk, CancellationToken ct) =>
        AssetId.TryParse(id, null, out var name) && await desk.RemoveAsync(name, ct) ? TypedResults.NoContent() : Problem.Result(ErrorCode.ImportUnknown);

    private static string? TextOf(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
