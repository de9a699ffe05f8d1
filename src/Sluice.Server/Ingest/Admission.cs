using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Nodes;
using Sluice.Server.Package;
using Sluice.Server.Package.Arriving;
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
internal sealed record Arrival(string Origin, string FileName, long SizeBytes, string? Title, int? Minutes, PackageWish Wish)
{
    /// <summary>SHA-256 of its bytes in lower-case hex; null when it is still to be worked out.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Nobody may hear of the title before it would outlive a power cut: whoever sent it lets go of it then.</summary>
    public bool IsDurable { get; init; }
}

/// <summary>
/// Makes a title of a file that has come, by whatever door. Whatever goes wrong, nothing stays behind.
/// <code>
/// 1 package   probe, triage, track indexes → the same stage; the hash beside it, when nobody knows it yet
/// 2 share     the same bytes are here already: the two titles share their place on the disk
/// 3 commit    rename the stage; nothing is copied
/// 4 row       the catalog learns of it: from here on it exists
/// </code>
/// A title that played while it arrived has a row already. What its owner changed meanwhile stays, and so does its version when what was
/// served goes on (<see cref="Continuation"/>).
/// </summary>
internal sealed partial class Admission(
    AssetDirectory assets,
    ICatalog catalog,
    IObjectStore store,
    StoreTurns turns,
    PackageStep package,
    AfterPublish afterPublish,
    Continuation continuation,
    TimeProvider clock,
    ILogger<Admission> logger) : IDisposable
{
    /// <summary>Titles of the same bytes that are asked to share; one of them may be going just now.</summary>
    private const int MostTwins = 4;

    /// <summary>Between step 2 and step 4 one at a time, or two that come at once would not find each other.</summary>
    private readonly SemaphoreSlim _publishing = new(1, 1);

    /// <summary>Admits the file <c>source</c> of a stage.</summary>
    /// <param name="stage">The stage; committed when a title comes of it.</param>
    /// <param name="id">Id of the title.</param>
    /// <param name="arrival">The file.</param>
    /// <param name="ct">Ends it until the file is packaged; then it becomes a title, whoever hangs up.</param>
    public async Task<IntakeResult> AdmitAsync(IObjectStage stage, AssetId id, Arrival arrival, CancellationToken ct)
    {
        // :: Step 1: package
        using var needed = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var hashing = arrival.Sha256 is { } known ? Task.FromResult(known) : SideHash.OfFileAsync(SourceOf(stage, id), needed.Token);
        PackageResult packaged;
        try
        {
            packaged = await package(stage, id, arrival.Wish, ct);
            if (Refusal(packaged) is { } refused)
            {
                return refused;
            }

            await hashing;
        }
        finally
        {
            // Nobody reads the stage when it is removed.
            await needed.CancelAsync();
            await ((Task)hashing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // :: Steps 2 to 4: share, commit, row
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
            Sha256 = await hashing,
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
        asset = await PublishAsync(stage, asset, packaged.Jobs, arrival.IsDurable);
        afterPublish(id, packaged.Jobs);
        Log.Published(logger, id, asset.SizeBytes, asset.State);
        return IntakeResult.Kept(asset, adminKey);
    }

    /// <inheritdoc />
    public void Dispose() => _publishing.Dispose();

    private static string SourceOf(IObjectStage stage, AssetId id) => stage.PathOf(ObjectKey.Source(id).Name);

    private static IntakeResult? Refusal(PackageResult packaged) => packaged switch
    {
        { WishProblem: { } vain } => IntakeResult.Refused(ErrorCode.SubtitlesNotDrawable, vain),
        { RefusedReason: { } reason } => IntakeResult.Refused(ErrorCode.MediaUnreadable, reason),
        _ => null,
    };

    private async Task<Asset> PublishAsync(IObjectStage stage, Asset asset, IReadOnlyList<NewJob> jobs, bool isDurable)
    {
        if (isDurable)
        {
            await stage.FlushAsync(CancellationToken.None);
        }

        var goesOn = asset.State == AssetState.Ready
            && await assets.FindAsync(asset.Id, CancellationToken.None) is { State: AssetState.Arriving } arriving
            && await continuation.HoldsAsync(arriving, stage, CancellationToken.None);
        await StagedGathering.RunAsync(store, stage, asset.Id, asset.Renditions, CancellationToken.None);
        Asset published;
        await using var turn = await turns.TakeAsync(asset.Id, CancellationToken.None);
        await ClearAsync(asset.Id, turn);
        await _publishing.WaitAsync(CancellationToken.None);
        try
        {
            if (await ShareAsync(stage, asset) && isDurable)
            {
                await stage.FlushAsync(CancellationToken.None); // Nobody may ever have flushed the twin.
            }

            await CommitAsync(stage, asset.Id, turn);
            try
            {
                // Null: another server was first or is at it by now, or the upload was given up meanwhile.
                published = await assets.PublishAsync(
                    asset.Id, old => old is null ? asset : After(old, asset, goesOn), jobs, CancellationToken.None, turn?.Fence)
                    ?? throw new MadeElsewhereException(asset.Id);
            }
            catch (Exception e) when (e is not CatalogUnreachableException) // Then it may have the row: the next attempt, or the next start, finds out.
            {
                await UndoAsync(asset.Id, turn);
                throw;
            }
        }
        catch (MadeElsewhereException)
        {
            store.Doubt(asset.Id, null); // What this server has put there may be replaced.
            throw;
        }
        finally
        {
            _publishing.Release();
        }

        if (isDurable)
        {
            await assets.FlushAsync(CancellationToken.None); // And with it what the file system's journal has: the commit of the stage.
        }

        await store.ConfirmAsync(asset.Id, CancellationToken.None);
        return published;
    }

    /// <summary>Removes what an attempt stored that died before it had its row, or of which the catalog could not tell whether it had.</summary>
    private async Task ClearAsync(AssetId id, Hold? turn)
    {
        var isLeft = await store.IsUnconfirmedAsync(id, CancellationToken.None);
        if ((isLeft || turn is not null) && await catalog.FindAsync(id, CancellationToken.None) is { State: not AssetState.Arriving })
        {
            throw new MadeElsewhereException(id);
        }

        if (isLeft)
        {
            await store.DeleteAsync(id, CancellationToken.None);
        }
    }

    /// <summary>Removes what was stored and is no title, unless that may be another server's: then it stays marked, and who makes the title next clears it up.</summary>
    private async Task UndoAsync(AssetId id, Hold? turn)
    {
        try
        {
            if ((turn is null || await turn.StandsAsync(CancellationToken.None))
                && await catalog.FindAsync(id, CancellationToken.None) is null or { State: AssetState.Arriving })
            {
                await store.DeleteAsync(id, turn?.Lost ?? CancellationToken.None);
            }
        }
        catch (Exception e)
        {
            Log.Left(logger, e, id); // Why nothing came of it is what is told.
        }
    }

    /// <summary>Stores what is in the stage, for as long as it is this server's turn: whoever has it then clears up what this one has stored, and this one nothing.</summary>
    private async Task CommitAsync(IObjectStage stage, AssetId id, Hold? turn)
    {
        var lost = turn?.Lost ?? CancellationToken.None;
        try
        {
            await stage.CommitUnlessLostAsync(lost);
        }
        catch (OperationCanceledException) when (lost.IsCancellationRequested)
        {
            throw new MadeElsewhereException(id);
        }
        catch when (turn is not null)
        {
            await UndoAsync(id, turn);
            throw;
        }
    }

    /// <summary>The row of a title that was arriving; null when that row is none.</summary>
    private static Asset? After(Asset arriving, Asset asset, bool goesOn) => arriving.State != AssetState.Arriving ? null : asset with
    {
        Title = arriving.Title,
        Version = goesOn ? arriving.Version : asset.Version,
        Revision = arriving.Revision + 1,
        CreatedAt = arriving.CreatedAt,
        ExpiresAt = arriving.ExpiresAt ?? (arriving.ExpiryMinutes is { } life ? asset.UpdatedAt.AddMinutes(life) : null),
        ExpiryMinutes = arriving.ExpiryMinutes,
        TokensRefreshedAt = arriving.TokensRefreshedAt,
        Epoch = arriving.Epoch,
        AllowedOrigins = arriving.AllowedOrigins,
    };

    /// <summary>Has the staged source share the place of one that is stored; false when it stays as it is.</summary>
    private async Task<bool> ShareAsync(IObjectStage stage, Asset asset)
    {
        foreach (var twin in await assets.FindByContentAsync(asset.Sha256!, asset.SizeBytes, MostTwins, CancellationToken.None))
        {
            if (await store.TryShareAsync(ObjectKey.Source(twin), SourceOf(stage, asset.Id), CancellationToken.None))
            {
                Log.Shared(logger, asset.Id, twin);
                return true;
            }
        }

        return false;
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "Published {Asset}: {SizeBytes} bytes, {State}")]
        public static partial void Published(ILogger logger, AssetId asset, long sizeBytes, AssetState state);

        [LoggerMessage(Level = LogLevel.Information, Message = "{Asset} has the same bytes as {Twin}; they are stored once")]
        public static partial void Shared(ILogger logger, AssetId asset, AssetId twin);

        [LoggerMessage(Level = LogLevel.Warning, Message = "What was stored of {Asset} could not be removed; who makes it next does it, or the next start")]
        public static partial void Left(ILogger logger, Exception e, AssetId asset);
    }
}

/// <summary>The title is there already, or another server is making it: nothing of it was removed.</summary>
internal sealed class MadeElsewhereException(AssetId id) : Exception($"The title {id} is there already, or another server is making it.");
