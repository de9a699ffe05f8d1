using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest.Arriving;
using Sluice.Server.Package;
using Sluice.Server.Store;

namespace Sluice.Server.Ingest;

/// <summary>
/// Makes a title of an upload in pieces whose bytes have all come. It has the id of the upload. Whenever this process dies, the next one
/// goes on where it was, and nothing is lost:
/// <code>
/// 1 join    pieces that another server received are fetched (<see cref="UploadPieces"/>); chunks or parts become one file on the shelf (<see cref="PartJoin"/>); it is what was announced, if anything was
/// 2 link    that file gets a second name in a stage
/// 3 admit   see <see cref="Admission"/>; refused for good, it ends here with the reason
/// 4 forget  the name on the shelf goes, and then the row says what became of it
/// </code>
/// </summary>
internal sealed partial class UploadFinishing(
    ICatalog catalog,
    UploadShelf shelf,
    UploadPieces pieces,
    IObjectStore store,
    Admission admission,
    ArrivalDesk arrivals,
    SluiceOptions options,
    TimeProvider clock,
    ILogger<UploadFinishing> logger)
{
    /// <summary>Finishes; the caller has taken the upload. Whoever hangs up meanwhile finds it done.</summary>
    /// <param name="upload">Open, complete and no part of another.</param>
    /// <param name="sha256">What its bytes are, when that is known.</param>
    /// <param name="taken">That nobody else works on it. When another server may have taken it after all, it is for that one to say that it is refused.</param>
    /// <exception cref="UploadElsewhereException">Another server alone has some of its bytes, or makes the title just now.</exception>
    public async Task<IntakeResult> FinishAsync(Upload upload, string? sha256, UploadHold taken)
    {
        await arrivals.CloseAsync(upload.Id);
        if (await MadeAsync(upload) is { } made)
        {
            return made; // Another process did it, and died before it could say so.
        }

        // :: Step 1: join
        await pieces.BringAsync(upload);
        if (upload.Parts.Count > 0 || upload.ChunkCount > 0)
        {
            await Task.Run(() => PartJoin.Run(shelf.PathOf(upload.Id), upload.LengthBytes, PiecesOf(upload), options.Ingest.Durable, CancellationToken.None), CancellationToken.None);
        }

        var fields = ArrivalFields.Of(upload);
        if (fields.Sha256 is { } announced)
        {
            sha256 ??= await SideHash.OfFileAsync(shelf.PathOf(upload.Id), CancellationToken.None);
            if (sha256 != announced)
            {
                var reason = $"The file has the SHA-256 {sha256}, and {announced} was announced.";
                await RefuseAsync(upload, reason, ErrorCode.UploadChecksum.Code, taken);
                return IntakeResult.Refused(ErrorCode.UploadChecksum, reason);
            }
        }

        // :: Step 2: link
        await using var stage = store.Stage(upload.Id);
        HardLink.MakeOrCopy(shelf.PathOf(upload.Id), stage.PathOf(ObjectKey.Source(upload.Id).Name));

        // :: Step 3: admit
        var origin = upload.ChunkCount > 0 ? "vidpipeline" : "tus";
        var arrival = new Arrival(origin, fields.FileName, upload.LengthBytes, fields.Title, fields.Minutes, new PackageWish(fields.Burn))
        {
            Sha256 = sha256,
            IsDurable = options.Ingest.Durable,
        };
        IntakeResult result;
        try
        {
            result = await admission.AdmitAsync(stage, upload.Id, arrival, CancellationToken.None);
        }
        catch (MadeElsewhereException)
        {
            return await MadeAsync(upload) ?? throw new UploadElsewhereException();
        }

        // :: Step 4: forget
        if (result.Asset is { } asset)
        {
            await EndAsync(upload, asset.Id, null);
            Log.Ended(logger, upload.Id, "published");
        }
        else
        {
            await RefuseAsync(upload, result.Detail ?? result.Error!.Title, result.Error!.Code, taken);
        }

        return result;
    }

    /// <summary>Ends an upload of which nothing becomes. Its row stays for a while, so that who asks is told why.</summary>
    public async Task GiveUpAsync(Upload upload, string reason)
    {
        await EndAsync(upload, null, reason);
        Log.Ended(logger, upload.Id, reason);
    }

    /// <summary>Gives an upload up whose time is over; the caller has taken it. It is looked at once more: bytes may have come since it was listed, and
    /// one that is whole waits to be finished.</summary>
    /// <param name="id">The upload.</param>
    /// <param name="now">When it was listed.</param>
    /// <param name="reason">Told to who asks for it.</param>
    /// <returns>False when it stays.</returns>
    public async Task<bool> ExpireAsync(AssetId id, DateTimeOffset now, string reason)
    {
        if (await catalog.FindUploadAsync(id, CancellationToken.None) is not { IsOpen: true } upload
            || upload.ExpiresAt > now || upload is { IsComplete: true, IsPartial: false })
        {
            return false;
        }

        await GiveUpAsync(upload, reason);
        return true;
    }

    /// <summary>Ends an upload that is refused, unless another server may have taken it since: then that is for that one to say, and its pieces stay.</summary>
    private async Task RefuseAsync(Upload upload, string reason, string code, UploadHold taken)
    {
        if (!await taken.StandsAsync() || !await EndAsync(upload, null, reason))
        {
            throw new UploadElsewhereException();
        }

        Log.Ended(logger, upload.Id, code);
    }

    /// <summary>Ends an upload of which a title has been made; null when there is none.</summary>
    private async Task<IntakeResult?> MadeAsync(Upload upload)
    {
        if (await catalog.FindAsync(upload.Id, CancellationToken.None) is not { State: not AssetState.Arriving } made)
        {
            return null;
        }

        await EndAsync(upload, made.Id, null);
        return IntakeResult.Kept(made, null);
    }

    /// <summary>Ends an upload: with a title, whatever was said of it before, or with a reason, when nothing has become of it.</summary>
    /// <returns>False when something has; that stays.</returns>
    private async Task<bool> EndAsync(Upload upload, AssetId? asset, string? reason)
    {
        foreach (var part in upload.Parts)
        {
            shelf.Delete(part);
        }

        shelf.Delete(upload.Id);

        // What came in chunks is listed for as long as its title is there.
        var now = clock.GetUtcNow();
        var until = upload.ChunkCount > 0 && asset is not null ? DateTimeOffset.MaxValue : now + TimeSpan.FromMinutes(options.Ingest.UnfinishedMinutes);
        await arrivals.EndAsync(upload.Id);
        var ended = await catalog.UpdateUploadAsync(
            upload.Id,
            u => u.IsOpen || asset is not null ? u with { Asset = asset, Reason = reason, UpdatedAt = now, ExpiresAt = until, Pieces = [] } : null,
            CancellationToken.None);
        if (ended is null)
        {
            pieces.Forget(upload.Id);
            return false;
        }

        await pieces.EndAsync(upload);
        return true;
    }

    private IReadOnlyList<string> PiecesOf(Upload upload) => upload.ChunkCount > 0
        ? [.. Enumerable.Range(0, upload.ChunkCount).Select(n => shelf.ChunkPath(upload.Id, n))]
        : [.. upload.Parts.Select(shelf.PathOf)];

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "Upload {Upload} ended: {Outcome}")]
        public static partial void Ended(ILogger logger, AssetId upload, string outcome);
    }
}
