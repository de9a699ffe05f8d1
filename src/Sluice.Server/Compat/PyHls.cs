using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Mvc;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest;
using Sluice.Server.Manage;

namespace Sluice.Server.Compat;

/// <summary>
/// PyHLS's API over the same services as the native one: token-protected streams with a limited life. Errors are
/// <c>{"detail":…}</c>. A title's token follows the title: it ends when the title does, so that extending the one
/// extends the other, and refreshing it kills the tokens before.
/// </summary>
internal static class PyHls
{
    /// <summary>Seven days, the longest life of a title and of any token.</summary>
    private const int LongestMinutes = 10_080;

    private const int DefaultMinutes = 60;

    /// <summary>Maps the routes. A trailing slash makes no difference to routing: <c>/upload/</c> is <c>/upload</c>.</summary>
    public static void MapPyHls(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("").WithTags("PyHLS").WithMetadata(DetailOnlyErrors.Instance);
        api.MapPost("/upload", UploadAsync).RequireOperator().LimitRate(RateKind.Uploads)
            .Accepts<IFormFile>("multipart/form-data").Produces<PyHlsUploaded>()
            .WithSummary("Upload a file in the field `media`.");
        api.MapPost("/refresh-token/{id}", RefreshAsync).RequireAssetAdminByQuery().LimitRate(RateKind.Tokens)
            .Produces<PyHlsRefreshed>().WithSummary("A new token and a new life from now; older tokens are dead.");
        api.MapGet("/media/{id}/info", InfoAsync).RequireAssetAdminByQuery()
            .Produces<PyHlsInfo>().WithSummary("What is known of a title.");
        api.MapPost("/media/{id}/extend-expiry", ExtendAsync).RequireAssetAdminByQuery()
            .Produces<PyHlsExtended>().WithSummary("A longer life, for the tokens already given out too.");
        api.MapDelete("/media/{id}", DeleteAsync).RequireAssetAdminByQuery()
            .Produces<PyHlsMessage>().WithSummary("Remove a title and its files.");
        api.MapMethods("/stream/{id}/playlist.m3u8", [HttpMethods.Get, HttpMethods.Head], PlaylistAsync).RequirePlayback().LimitRate(RateKind.Manifests)
            .WithSummary("The playlist, its segments carrying the token.");
        api.MapMethods("/stream/{id}/{segment}", [HttpMethods.Get, HttpMethods.Head], SegmentAsync).RequirePlayback()
            .WithSummary("One MPEG-TS segment, `segment0.ts` and on.");
    }

    private static async Task<IResult> UploadAsync(
        HttpContext context,
        MediaIntake intake,
        PlaybackTokens tokens,
        [FromQuery(Name = "expiry_minutes")] string? expiryMinutes)
    {
        if (!TryMinutes("expiry_minutes", expiryMinutes, DefaultMinutes, out var minutes, out var invalid))
        {
            return invalid;
        }

        var result = await intake.ReceiveAsync(context, new IntakeRequest("pyhls", null, minutes) { FormFields = false });
        if (result.Asset is not { } asset)
        {
            return result.Error == ErrorCode.RequestInvalid
                ? result.FileMissing
                    ? Invalid("body", "media", "missing", "Field required", null)
                    : Invalid("body", "media", "value_error", result.Detail ?? result.Error.Title, null)
                : Problem.Result(result.Error!, result.Detail);
        }

        var token = tokens.IssueFollowing(asset, TimeSpan.FromMinutes(LongestMinutes)).Token;
        var message = asset.State == AssetState.Ready
            ? "Media uploaded and processed successfully. It is served as HLS."
            : $"Media uploaded, but it cannot be played yet: {asset.Reason}";
        return Json(
            new PyHlsUploaded(
                asset.Id.Value, token, result.AdminKey!, PlaylistUrl(context.Request, asset.Id, token), minutes, message),
            PyHlsJson.Default.PyHlsUploaded);
    }

    private static async Task<IResult> RefreshAsync(
        AssetId id,
        HttpContext context,
        AssetDirectory assets,
        PlaybackTokens tokens,
        TimeProvider clock,
        [FromQuery(Name = "admin_key")] string? adminKey,
        [FromQuery(Name = "expiry_minutes")] string? expiryMinutes,
        CancellationToken ct)
    {
        if (!TryMinutes("expiry_minutes", expiryMinutes, DefaultMinutes, out var minutes, out var invalid))
        {
            return invalid;
        }

        var now = clock.GetUtcNow();
        var asset = await assets.UpdateAsync(id, old => old with
        {
            Epoch = old.Epoch + 1,
            // A title that never ends does not begin to; only its token is limited.
            ExpiryMinutes = old.ExpiresAt is null ? null : minutes,
            ExpiresAt = old.ExpiresAt is null ? null : now.AddMinutes(minutes),
            TokensRefreshedAt = now,
            UpdatedAt = now,
        }, ct);
        if (asset is null)
        {
            return Problem.Result(ErrorCode.MediaUnknown);
        }

        var life = TimeSpan.FromMinutes(asset.ExpiresAt is null ? minutes : LongestMinutes);
        var token = tokens.IssueFollowing(asset, life).Token;
        return Json(
            new PyHlsRefreshed(
                id.Value, token, PlaylistUrl(context.Request, id, token), minutes, "Access token refreshed successfully!"),
            PyHlsJson.Default.PyHlsRefreshed);
    }

    private static async Task<IResult> InfoAsync(
        AssetId id, AssetDirectory assets, [FromQuery(Name = "admin_key")] string? adminKey, CancellationToken ct)
    {
        if (await assets.FindAsync(id, ct) is not { } asset)
        {
            return Problem.Result(ErrorCode.MediaUnknown);
        }

        var uploaded = PyHlsInfo.IsoFormat(asset.CreatedAt);
        var refreshed = asset.TokensRefreshedAt is { } time ? PyHlsInfo.IsoFormat(time) : null;
        return Json(
            new PyHlsInfo(
                id.Value, uploaded, asset.ExpiryMinutes, refreshed, uploaded, PyHlsInfo.IsoFormat(asset.UpdatedAt)),
            PyHlsJson.Default.PyHlsInfo);
    }

    private static async Task<IResult> ExtendAsync(
        AssetId id,
        AssetDirectory assets,
        TimeProvider clock,
        [FromQuery(Name = "admin_key")] string? adminKey,
        [FromQuery(Name = "additional_minutes")] string? additionalMinutes,
        CancellationToken ct)
    {
        if (!TryMinutes("additional_minutes", additionalMinutes, null, out var additional, out var invalid))
        {
            return invalid;
        }

        // Decided inside the update, so that two extensions at once cannot pass the bound together.
        int? before = null;
        var extended = false;
        var asset = await assets.UpdateAsync(id, old =>
        {
            before = old.ExpiryMinutes;
            extended = before + additional <= LongestMinutes;
            return !extended ? old : old with
            {
                ExpiryMinutes = before + additional,
                ExpiresAt = old.ExpiresAt!.Value.AddMinutes(additional),
                UpdatedAt = clock.GetUtcNow(),
            };
        }, ct);
        return (asset, before, extended) switch
        {
            (null, _, _) => Problem.Result(ErrorCode.MediaUnknown),
            (_, null, _) => Invalid("query", "additional_minutes", "value_error", "This media never expires", additionalMinutes),
            (_, _, false) => Invalid(
                "query", "additional_minutes", "less_than_equal",
                $"Total expiry should be less than or equal to {LongestMinutes} minutes; it is {before} now", additionalMinutes),
            _ => Json(
                new PyHlsExtended(
                    id.Value, before.Value, before.Value + additional, additional, "Media expiry successfully extended!"),
                PyHlsJson.Default.PyHlsExtended),
        };
    }

    private static async Task<IResult> DeleteAsync(
        AssetId id, AssetRemoval removal, [FromQuery(Name = "admin_key")] string? adminKey, CancellationToken ct) =>
        await removal.RemoveAsync(id, ct)
            ? Json(new PyHlsMessage("Media successfully deleted!"), PyHlsJson.Default.PyHlsMessage)
            : Problem.Result(ErrorCode.MediaUnknown);

    private static Task PlaylistAsync(HttpContext context)
    {
        var playable = context.Features.Get<IPlayableFeature>()!;
        return playable.Asset.Origin == "pyhls"
            ? PyHlsStream.TsPlaylistAsync(context)
            : PyHlsStream.MasterPlaylistAsync(context);
    }

    private static Task SegmentAsync(HttpContext context)
    {
        if (TrySegmentNumber(context.Request.RouteValues["segment"] as string, out var number))
        {
            return PyHlsStream.TsSegmentAsync(context, number);
        }

        return context.Features.Get<IPlayableFeature>()!.Asset.Origin == "pyhls"
            ? Problem.WriteAsync(
                context, ErrorCode.RequestInvalid, "Invalid segment name", status: StatusCodes.Status400BadRequest)
            : Problem.WriteAsync(context, ErrorCode.SegmentUnknown, whole: true);
    }

    /// <summary>Exactly <c>segment{n}.ts</c>, <c>n</c> without leading zeros.</summary>
    internal static bool TrySegmentNumber(string? name, out int number)
    {
        const string prefix = "segment", suffix = ".ts";
        number = 0;
        if (name is null || name.Length <= prefix.Length + suffix.Length
            || !name.StartsWith(prefix, StringComparison.Ordinal) || !name.EndsWith(suffix, StringComparison.Ordinal))
        {
            return false;
        }

        var digits = name.AsSpan()[prefix.Length..^suffix.Length];
        return (digits is "0" || digits[0] != '0')
            && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>A number of minutes from 1 to seven days, judged in FastAPI's words.</summary>
    private static bool TryMinutes(string name, string? given, int? absent, out int minutes, out IResult invalid)
    {
        (minutes, invalid) = (absent ?? 0, Results.Empty);
        if (given is null && absent is not null)
        {
            return true;
        }

        if (given is null)
        {
            invalid = Invalid("query", name, "missing", "Field required", null);
        }
        else if (!long.TryParse(given, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            invalid = Invalid(
                "query", name, "int_parsing", "Input should be a valid integer, unable to parse string as an integer", given);
        }
        else if (number < 1)
        {
            invalid = Invalid("query", name, "greater_than_equal", "Input should be greater than or equal to 1", given);
        }
        else if (number > LongestMinutes)
        {
            invalid = Invalid(
                "query", name, "less_than_equal", $"Input should be less than or equal to {LongestMinutes}", given);
        }
        else
        {
            minutes = (int)number;
            return true;
        }

        return false;
    }

    private static string PlaylistUrl(HttpRequest request, AssetId id, string token) =>
        $"{PublicAddress.Of(request)}/stream/{id}/playlist.m3u8?token={token}";

    private static IResult Invalid(string where, string name, string type, string message, string? input) => Results.Json(
        new PyHlsInvalid([new PyHlsInvalidPart(type, [where, name], message, input)]),
        PyHlsJson.Default.PyHlsInvalid,
        statusCode: StatusCodes.Status422UnprocessableEntity);

    private static IResult Json<T>(T body, JsonTypeInfo<T> type) => Results.Json(body, type);
}
