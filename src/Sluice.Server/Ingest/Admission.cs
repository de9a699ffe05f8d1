using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Package;
using Sluice.Server.Store;

namespace Sluice.Server.Ingest;

/// <summary>Packages the staged file <c>source</c> of an asset; the least work that makes it play.</summary>
internal delegate Task<PackageResult> PackageStep(IObjectStage stage, AssetId asset, PackageWish wish, CancellationToken ct);

/// <summary>Told of every asset that was published, once it exists; must not block.</summary>
internal delegate void AfterPublish(AssetId asset, IReadOnlyList<NewJob> jobs);

/// <summary>What is known of a file that has come, besides its bytes.</summary>
/// <param name="Origin">The door that it came by.</param>
/// <param name="FileName">As the client called it, cleaned.</param>
/// <param name="SizeBytes">Its size.</param>
/// <param name="Title">Its title; null makes one of the file's name.</param>
/// <param name="Minutes">Minutes of its life; null for ever.</param>
/// <param name="Wish">What is wanted of its packaging.</param>
internal sealed record Arrival(string Origin, string FileName, long SizeBytes, string? Title, int? Minutes, PackageWish Wish);

/// <summary>
/// Makes a title of a file that has come, by whatever door. Whatever goes wrong, nothing stays behind.
/// <code>
/// 1 package   probe, triage, track indexes → the same stage
/// 2 commit    rename the stage; nothing is copied, hashed or flushed
/// 3 row       the catalog learns of it: from here on it exists
/// </code>
/// </summary>
internal sealed partial class Admission(
    AssetDirectory assets, IObjectStore store, PackageStep package, AfterPublish afterPublish, TimeProvider clock, ILogger<Admission> logger)
{
    /// <summary>Admits the file <c>source</c> of a stage.</summary>
    /// <param name="stage">The stage; committed when a title comes of it.</param>
    /// <param name="id">Id of the title.</param>
    /// <param name="arrival">The file.</param>
    /// <param name="ct">Ends it until the file is packaged; then it becomes a title, whoever hangs up.</param>
    public async Task<IntakeResult> AdmitAsync(IObjectStage stage, AssetId id, Arrival arrival, CancellationToken ct)
    {
        // :: Step 1: package
        var packaged = await package(stage, id, arrival.Wish, ct);
        if (packaged.WishProblem is { } vain)
        {
            return IntakeResult.Refused(ErrorCode.SubtitlesNotDrawable, vain);
        }

        if (packaged.RefusedReason is { } reason)
        {
            return IntakeResult.Refused(ErrorCode.MediaUnreadable, reason);
        }

        // :: Steps 2 and 3: commit, row
        var now = clock.GetUtcNow();
        var adminKey = AccessKey.New("admin");
        var asset = new Asset
        {
            Id = id,
            Title = arrival.Title ?? UploadFields.TitleOf(arrival.FileName),
            FileName = arrival.FileName,
            State = packaged.State,
            Reason = packaged.Reason,
            Origin = arrival.Origin,
            SizeBytes = arrival.SizeBytes,
            DurationSeconds = packaged.DurationSeconds,
            Version = packaged.Version,
            Tracks = packaged.Tracks,
            Renditions = packaged.Renditions,
            CreatedAt = now,
            UpdatedAt = now,
            ExpiresAt = arrival.Minutes is { } life ? now.AddMinutes(life) : null,
            ExpiryMinutes = arrival.Minutes,
            AdminKeyHash = AccessKey.Hash(adminKey),
        };
        await PublishAsync(stage, asset, packaged.Jobs);
        afterPublish(id, packaged.Jobs);
        Log.Published(logger, id, asset.SizeBytes, asset.State);
        return IntakeResult.Kept(asset, adminKey);
    }

    private async Task PublishAsync(IObjectStage stage, Asset asset, IReadOnlyList<NewJob> jobs)
    {
        await stage.CommitAsync(CancellationToken.None);
        try
        {
            await assets.AddAsync(asset, jobs, CancellationToken.None);
        }
        catch
        {
            await store.DeleteAsync(asset.Id, CancellationToken.None);
            throw;
        }

        await store.ConfirmAsync(asset.Id, CancellationToken.None);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "Published {Asset}: {SizeBytes} bytes, {State}")]
        public static partial void Published(ILogger logger, AssetId asset, long sizeBytes, AssetState state);
    }
}
