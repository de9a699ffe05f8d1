using System.Globalization;
using System.Text.Json;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest;
using Sluice.Server.Sessions;
using Sluice.Server.Torrents;

namespace Sluice.Server.Manage.Sessions;

/// <summary>Reads what a session is to play: a JSON object, or a form with a .torrent file.</summary>
internal static class SessionForm
{
    private const string JsonRule = "Send a JSON object with `url` or `mediaId` and, if wanted, `title`, `file` and `burnSubtitles`, or a form with the file in the field `torrent`.";
    private const string NotInTheLibrary = "A session draws nothing into titles of the library: PUT /api/v1/media/{id}/subtitles/burned does.";
    private const string NoTorrent = "The file is no .torrent file, or a damaged one.";

    private static readonly string[] FileFields = ["torrent"];

    /// <summary>Reads it.</summary>
    /// <returns>The wish, or why there is none.</returns>
    public static async Task<(SessionWish? Wish, IResult? Problem)> ReadAsync(HttpRequest request, SessionScratch scratch, CancellationToken ct) =>
        request.HasFormContentType ? await ReadFormAsync(request, scratch, ct)
        : await JsonBody.ReadAsync(request, ct) is { } body ? Read(body)
        : Refuse(JsonRule);

    private static (SessionWish? Wish, IResult? Problem) Read(JsonElement body)
    {
        if (!UploadFields.TryTitle(SessionEndpoints.TextOf(body, "title"), out var title))
        {
            return Refuse(UploadFields.TitleRule);
        }

        if (!JsonBody.TryFile(body, out var file))
        {
            return Refuse(JsonBody.FileRule);
        }

        if (!TryBurn(body, out var burn))
        {
            return Refuse(UploadFields.BurnRule);
        }

        try
        {
            return (SessionEndpoints.TextOf(body, "url"), SessionEndpoints.TextOf(body, "mediaId")) switch
            {
                ({ } text, null) => (SessionWish.OfLink(text, file) with { Title = title, Burn = burn }, null),
                (null, not null) when burn is not null => Refuse(NotInTheLibrary),
                (null, { } text) => AssetId.TryParse(text, null, out var id)
                    ? (new SessionWish.Media(id) { Title = title }, null)
                    : (null, Problem.Result(ErrorCode.MediaUnknown)),
                _ => Refuse(JsonRule),
            };
        }
        catch (SessionException e)
        {
            return (null, Problem.Result(e.Error, e.Message));
        }
    }

    private static async Task<(SessionWish? Wish, IResult? Problem)> ReadFormAsync(HttpRequest request, SessionScratch scratch, CancellationToken ct)
    {
        BodyLimits.Lift(request.HttpContext);
        string? path = null;
        try
        {
            var form = MultipartUpload.Open(request, RequireSize, () => TorrentUpload.MostBytes, FileFields);
            path = scratch.NewPath();
            if (!await form.ReceiveAsync(path, ct) || TorrentUpload.TryParse(await File.ReadAllBytesAsync(path, ct)) is not { } link)
            {
                return Refuse(NoTorrent);
            }

            int? file = null;
            if (form.Fields.TryGetValue("file", out var number) && number.Length > 0)
            {
                if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
                {
                    return Refuse(JsonBody.FileRule);
                }

                file = index;
            }

            return !UploadFields.TryTitle(form.Fields.GetValueOrDefault("title"), out var title) ? Refuse(UploadFields.TitleRule)
                : !UploadFields.TryBurn(form.Fields.GetValueOrDefault("burnSubtitles"), out var burn) ? Refuse(UploadFields.BurnRule)
                : (new SessionWish.Torrent(link, file) { Title = title, Burn = burn }, null);
        }
        catch (IntakeRefusedException e)
        {
            return (null, Problem.Result(e.Error, e.Detail));
        }
        catch (SessionException e)
        {
            return (null, Problem.Result(e.Error, e.Message));
        }
        finally
        {
            if (path is not null)
            {
                File.Delete(path);
            }
        }
    }

    /// <summary>Reads <c>burnSubtitles</c>, which may be a number here.</summary>
    private static bool TryBurn(JsonElement body, out string? burn)
    {
        burn = null;
        return !body.TryGetProperty("burnSubtitles", out var given) || given.ValueKind == JsonValueKind.Null
            || (given.ValueKind is JsonValueKind.Number or JsonValueKind.String && UploadFields.TryBurn(given.ToString(), out burn));
    }

    private static void RequireSize(long bytes)
    {
        if (bytes > TorrentUpload.MostBytes)
        {
            throw new IntakeRefusedException(ErrorCode.UploadTooLarge, $"A .torrent file has at most {TorrentUpload.MostBytes >> 20} MiB.");
        }
    }

    private static (SessionWish? Wish, IResult? Problem) Refuse(string detail) => (null, Problem.Result(ErrorCode.RequestInvalid, detail));
}
