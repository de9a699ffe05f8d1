using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest;
using Sluice.Server.Ingest.Imports;
using Sluice.Server.Sessions;

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
        imports.MapPost("/", AddAsync).LimitRate(RateKind.Uploads)
            .Accepts<ImportRequest>("application/json").Produces<ImportView>(StatusCodes.Status202Accepted)
            .WithSummary("Download a file, or one of a torrent, and publish it. What is being imported already is answered with that import.");
        imports.MapGet("/", ListAsync).Produces<ImportPage>()
            .WithSummary("Imports, newest first, with those of the watch folder.");
        imports.MapGet("/{id}", GetAsync).Produces<ImportView>()
            .WithSummary("One import.");
        imports.MapDelete("/{id}", RemoveAsync).Produces(StatusCodes.Status204NoContent)
            .WithSummary("Call off an import; one that has ended is forgotten. Its title, if there is one, stays.");
    }

    private static async Task<IResult> AddAsync(HttpContext context, ImportDesk desk, TorrentImports torrents, CancellationToken ct)
    {
        if (await JsonBody.ReadAsync(context.Request, ct) is not { } body || !JsonBody.TryMinutes(body, out _, out var minutes))
        {
            return Problem.Result(ErrorCode.RequestInvalid, $"Send a JSON object with `url` and, if wanted, `title`. {UploadFields.MinutesRule}");
        }

        if (!UploadFields.TryTitle(TextOf(body, "title"), out var title))
        {
            return Problem.Result(ErrorCode.RequestInvalid, UploadFields.TitleRule);
        }

        if (!JsonBody.TryFile(body, out var file))
        {
            return Problem.Result(ErrorCode.RequestInvalid, JsonBody.FileRule);
        }

        try
        {
            var import = SessionWish.OfLink(TextOf(body, "url") ?? "", file) switch
            {
                SessionWish.Torrent torrent => await torrents.AddAsync(torrent with { Title = title }, minutes, ct),
                SessionWish.Remote remote when file is null => await desk.AddAsync(remote.Url, title, minutes, ct),
                _ => throw new SessionException(ErrorCode.RequestInvalid, "`file` chooses among the files of a magnet link; an address has one."),
            };
            context.Response.Headers.Location = $"/api/v1/imports/{import.Id}";
            return TypedResults.Json(ImportView.Of(import), ManageJson.Default.ImportView, statusCode: StatusCodes.Status202Accepted);
        }
        catch (IntakeRefusedException e)
        {
            context.Response.Headers.RetryAfter = "60";
            return Problem.Result(e.Error, e.Detail);
        }
        catch (SessionException e)
        {
            return Problem.Result(e.Error, e.Message);
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
