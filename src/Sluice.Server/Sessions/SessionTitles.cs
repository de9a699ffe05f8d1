using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest;
using Sluice.Server.Jobs;
using Sluice.Server.Package;
using Sluice.Server.Package.Making;
using Sluice.Server.Store;
using Sluice.Server.Transcode;

namespace Sluice.Server.Sessions;

/// <summary>
/// Makes titles of files that lie elsewhere, of which no more is fetched than is needed to know the way in them.
/// <code>
///   1 index     Matroska: its Cues; else tables. They are read and believed: what plays as it lies          (<see cref="MatroskaTitles"/>, <see cref="MovieTitles"/>)
///               what does not: planned, and encoded where somebody watches                               (<see cref="EncodedTitles"/>)
///   2 room      for the chunks that are encoded
///   3 row       committed like any title, but with an owner, unconfirmed: killed now, it is cleared away at the next start
/// </code>
/// What nothing can be made of is refused with the reason. Of a file that plays a second title can be made, with other subtitles drawn into its picture.
/// </summary>
internal sealed class SessionTitles(
    MatroskaTitles matroska,
    MovieTitles movies,
    EncodedTitles encoded,
    TitlePreparation preparation,
    SessionScratch scratch,
    RemoteSources sources,
    SegmentMakers makers,
    AssetDirectory assets,
    RunningTasks running,
    IObjectStore store,
    StoreTurns turns,
    SluiceOptions options,
    TimeProvider clock)
{
    private const string NoWorker = "what a session plays is encoded by the node that has the session, and this one has no role worker (roles)";

    /// <summary>Makes a title of a file, which is its own from here on: it is disposed of with the title, or when nothing comes of it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="title">What people are to call it; null makes a name of the file's.</param>
    /// <param name="burn">Subtitles that are to be drawn into the picture, by track or language; null for none.</param>
    /// <param name="owner">On whose behalf.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="SessionException">It cannot be played from where it lies, or they cannot be drawn.</exception>
    /// <exception cref="SourceUnavailableException">It cannot be read.</exception>
    public async Task<SessionTitle> OpenAsync(SessionFile file, string? title, string? burn, TitleOwner owner, CancellationToken ct)
    {
        try
        {
            return await PublishAsync(file, title ?? UploadFields.TitleOf(file.FileName), burn, owner.TakePlace(), owner, ct);
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes another title of the same file, beside the one that plays, which goes on. Once it is there the file is its own, and of the other no more than
    /// what was made for it is left (<see cref="SessionTitle.ClearAsync"/>).</summary>
    /// <param name="before">The title that plays.</param>
    /// <param name="burn">As for <see cref="OpenAsync"/>.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="SessionException">They cannot be drawn.</exception>
    /// <exception cref="SourceUnavailableException">It cannot be read.</exception>
    public Task<SessionTitle> AgainAsync(SessionTitle before, string? burn, CancellationToken ct) =>
        PublishAsync(before.File, before.Title, burn, new SessionPlace(AssetId.New().Value, before.Film, 0, IsChannel: false), before.Owner, ct);

    private async Task<SessionTitle> PublishAsync(SessionFile file, string title, string? burn, SessionPlace? place, TitleOwner owner, CancellationToken ct)
    {
        // :: Step 1: index
        var id = place is not null && AssetId.TryParse(place.Id, null, out var known) ? known : AssetId.New();
        await using var stage = store.Stage(id);
        var (packaged, made) = await IndexAsync(file, burn, stage.PathOf, ct);

        // :: Step 2: room
        var chunks = packaged.EncodedBytes > 0 ? scratch.TakeChunks(packaged.EncodedBytes) : null;

        // :: Step 3: row
        var now = clock.GetUtcNow();
        var asset = new Asset
        {
            Id = id,
            Title = title,
            FileName = file.FileName,
            State = packaged.State,
            Reason = packaged.Reason,
            Origin = "session",
            Owner = owner.Name,
            Epoch = place?.Epoch ?? 0,
            SizeBytes = file.Length,
            DurationSeconds = packaged.DurationSeconds,
            Version = packaged.Version,
            Tracks = packaged.Tracks,
            Renditions = packaged.Renditions,
            CreatedAt = now,
            UpdatedAt = now,
            AdminKeyHash = AccessKey.Hash(AccessKey.New("nobody")),
        };
        var opened = new SessionTitle(asset, file, place?.Film ?? id.Value, packaged.Drawable ?? [], chunks, owner, sources, makers, assets, running, store);
        try
        {
            sources.Add(id, file.Reader, chunks is null ? null : await chunks.MakeAsync(id, ct));
            makers.Add(id, made);

            // What another server played under that id it clears up, when it starts again.
            await using var turn = await turns.TakeAsync(id, ct);
            await stage.CommitAsync(ct);
            await assets.AddAsync(asset, packaged.Jobs, CancellationToken.None);
            return opened;
        }
        catch
        {
            await opened.ClearAsync();
            throw;
        }
    }

    private async Task<(PackageResult Packaged, AssetMakers Makers)> IndexAsync(
        SessionFile file, string? burn, Func<string, string> pathOf, CancellationToken ct)
    {
        var missing = options.Roles.Contains("worker") ? await preparation.MissingAsync(ct) : NoWorker;
        var isHere = missing is null;
        if (burn is not null && !isHere)
        {
            throw new SessionException(ErrorCode.SubtitlesNotDrawable, $"Nothing can be drawn into the picture here: {missing}.");
        }

        var copy = await matroska.CopyAsync(file, pathOf, isHere, ct) ?? await movies.CopyAsync(file, pathOf, isHere, ct);
        var packaged = TitlePreparation.PlaysEverywhere(copy) && burn is null ? copy.Result
            : isHere ? await encoded.PrepareAsync(file, copy, burn, pathOf, ct)
            : copy.Result.State == AssetState.Ready ? copy.Result
            : copy.Result with { Reason = $"{copy.Result.Reason}; {missing}" };
        if (packaged is not { RefusedReason: null, State: AssetState.Ready, WishProblem: null })
        {
            throw packaged.WishProblem is { } problem
                ? new SessionException(ErrorCode.SubtitlesNotDrawable, problem)
                : new SessionException(ErrorCode.SourceUnsupported, Sentence(packaged));
        }

        var drawable = isHere ? packaged.Drawable ?? copy.Drawable : [];
        var zero = packaged.Zero ?? new TitleZero(0, copy.OriginSeconds);
        return (packaged with { Drawable = drawable }, new AssetMakers(packaged.Zero is null ? copy.Maker : null, copy.Texts is { } texts ? new MadeTexts(texts, zero) : null));
    }

    private static string Sentence(PackageResult packaged) => packaged.RefusedReason is { } refused
        ? $"It is no video or audio that can be played: {refused}."
        : $"It does not play as it is: {packaged.Reason}.";
}
