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
/// What nothing can be made of is refused with the reason.
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
    TimeProvider clock)
{
    /// <summary>Makes a title of a file, which is its own from here on: it is disposed of with the title, or when nothing comes of it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="title">What people are to call it; null makes a name of the file's.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="SessionException">It cannot be played from where it lies.</exception>
    /// <exception cref="SourceUnavailableException">It cannot be read.</exception>
    public async Task<SessionTitle> OpenAsync(SessionFile file, string? title, CancellationToken ct)
    {
        try
        {
            return await PublishAsync(file, title ?? UploadFields.TitleOf(file.FileName), ct);
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    private async Task<SessionTitle> PublishAsync(SessionFile file, string title, CancellationToken ct)
    {
        // :: Step 1: index
        var id = AssetId.New();
        await using var stage = store.Stage(id);
        var (packaged, maker) = await IndexAsync(file, stage.PathOf, ct);

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
            Owner = "session",
            SizeBytes = file.Length,
            DurationSeconds = packaged.DurationSeconds,
            Version = packaged.Version,
            Tracks = packaged.Tracks,
            Renditions = packaged.Renditions,
            CreatedAt = now,
            UpdatedAt = now,
            AdminKeyHash = AccessKey.Hash(AccessKey.New("nobody")),
        };
        var made = new SessionTitle(asset, file, chunks, sources, makers, assets, running, store);
        try
        {
            sources.Add(id, file.Reader, chunks is null ? null : await chunks.MakeAsync(id, ct));
            if (maker is not null)
            {
                makers.Add(id, maker);
            }

            await stage.CommitAsync(ct);
            await assets.AddAsync(asset, packaged.Jobs, CancellationToken.None);
            return made;
        }
        catch
        {
            await made.ClearAsync();
            throw;
        }
    }

    private async Task<(PackageResult Packaged, ISegmentMaker? Maker)> IndexAsync(SessionFile file, Func<string, string> pathOf, CancellationToken ct)
    {
        var missing = await preparation.MissingAsync(ct);
        var isHere = missing is null;
        var copy = await matroska.CopyAsync(file, pathOf, isHere, ct) ?? await movies.CopyAsync(file, pathOf, isHere, ct);
        var packaged = TitlePreparation.PlaysEverywhere(copy) ? copy.Result
            : isHere ? await encoded.PrepareAsync(file, copy, pathOf, ct)
            : copy.Result.State == AssetState.Ready ? copy.Result
            : copy.Result with { Reason = $"{copy.Result.Reason}; {missing}" };
        return packaged is { RefusedReason: null, State: AssetState.Ready }
            ? (packaged, copy.Maker)
            : throw new SessionException(ErrorCode.SourceUnsupported, Sentence(packaged));
    }

    private static string Sentence(PackageResult packaged) => packaged.RefusedReason is { } refused
        ? $"It is no video or audio that can be played: {refused}."
        : $"It does not play as it is: {packaged.Reason}.";
}
