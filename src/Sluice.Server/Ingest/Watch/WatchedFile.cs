using System.Globalization;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest.Imports;
using Sluice.Server.Package;
using Sluice.Server.Store;

namespace Sluice.Server.Ingest.Watch;

/// <summary>
/// Makes a title of a file of the watch folder.
/// <code>
/// row → second name in a stage (or a copy) → admit → the file goes → row ended
///                                              ├ refused: the file goes to failed/, with a text that says why
///                                              └ it grew meanwhile: the title goes, and the next look begins anew
/// </code>
/// The file goes only after its title is there, so that a server which is killed loses none; the row tells the next one what was done.
/// </summary>
internal sealed partial class WatchedFile(
    IImportCatalog catalog,
    AssetDirectory assets,
    AssetRemoval removal,
    ImportLedger ledger,
    IObjectStore store,
    Admission admission,
    SluiceOptions options,
    TimeProvider clock,
    ILogger<WatchedFile> logger)
{
    /// <summary>Where files are put aside, in the watch folder.</summary>
    public const string FailedFolder = "failed";

    private const string Grew = "The file changed while it was taken in. It is taken anew as soon as it has settled.";
    private const string Stays = "The title is there, but the file could not be removed from the watch folder.";

    /// <summary>Takes a file.</summary>
    /// <param name="root">The watch folder.</param>
    /// <param name="file">A file in it that does not grow any more.</param>
    /// <param name="ct">The server is stopped.</param>
    /// <returns>False when the file is to be tried again.</returns>
    public async Task<bool> TakeAsync(string root, FileInfo file, CancellationToken ct)
    {
        var source = Path.GetRelativePath(root, file.FullName);
        var identity = IdentityOf(file);
        var known = await catalog.FindImportAsync(ImportKind.Watch, source, ct);
        if (known is { State: JobState.Done, Reason: not null } && known.Validator == identity)
        {
            return true; // It became a title, and stays because it cannot be removed.
        }

        if (known is { IsOpen: true } && await assets.FindAsync(known.Id, ct) is not null)
        {
            // A process that was killed brought it that far. Another file may have come in its place since.
            if (known.Validator == identity)
            {
                return await FinishAsync(known, file);
            }

            await ledger.EndAsync(known.Id, JobState.Done, null);
            return false;
        }

        var import = await catalog.AddImportAsync(NewImport(source, identity, file), ct);
        if (import.Validator != identity || import.State != JobState.Running)
        {
            // A try before this one came to nothing, and the file may be another since.
            import = await ledger.UpdateAsync(
                import.Id, old => old with { State = JobState.Running, Reason = null, TotalBytes = file.Length, Validator = identity }, ct) ?? import;
        }

        return await AdmitAsync(import, root, file, ct);
    }

    private static string IdentityOf(FileInfo file) =>
        string.Create(CultureInfo.InvariantCulture, $"{file.Length} {file.LastWriteTimeUtc.Ticks}");

    /// <summary>Whether the file is, at this moment, what was taken in, or is gone.</summary>
    private static bool IsStill(Import import, FileInfo file)
    {
        file.Refresh();
        return !file.Exists || IdentityOf(file) == import.Validator;
    }

    private Import NewImport(string source, string identity, FileInfo file) => new()
    {
        Id = AssetId.New(),
        Kind = ImportKind.Watch,
        Source = source,
        Shown = source,
        State = JobState.Running,
        FileName = UploadFields.FileName(file.Name),
        TotalBytes = file.Length,
        Validator = identity,
        CreatedAt = clock.GetUtcNow(),
        UpdatedAt = clock.GetUtcNow(),
    };

    private async Task<bool> AdmitAsync(Import import, string root, FileInfo file, CancellationToken ct)
    {
        ledger.Tell(import);
        try
        {
            await using var stage = store.Stage(import.Id);
            await FileTwin.MakeAsync(file.FullName, stage.PathOf("source"), store, ct);
            var arrival = new Arrival("watch", UploadFields.FileName(file.Name), file.Length, null, null, PackageWish.None)
            {
                IsDurable = options.Ingest.Durable,
            };
            var result = await admission.AdmitAsync(stage, import.Id, arrival, ct);
            return await (result.Asset is null
                ? PutAsideAsync(import, root, file, result.Reason!)
                : FinishAsync(import, file));
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            // The row stays open, and the file where it is: the next look begins again.
            await ledger.UpdateAsync(import.Id, old => old with { State = JobState.Queued, Reason = DiskFull.Reason }, CancellationToken.None);
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.Unreadable(logger, e, import.Id);
            return await PutAsideAsync(import, root, file, "The server could not read the file. Look at its owner and its mode.");
        }
    }

    /// <summary>Whoever wrote the file paused for longer than it takes to settle: what was made of it is no whole. The row stays open.</summary>
    private async Task BeginAnewAsync(Import import)
    {
        await removal.RemoveAsync(import.Id, CancellationToken.None);
        await ledger.UpdateAsync(import.Id, old => old with { State = JobState.Queued, Reason = Grew }, CancellationToken.None);
    }

    /// <summary>Removes the file whose title is there, unless it has grown since.</summary>
    /// <returns>False when it has, and is to be tried again.</returns>
    private async Task<bool> FinishAsync(Import import, FileInfo file)
    {
        if (!IsStill(import, file))
        {
            await BeginAnewAsync(import);
            return false;
        }

        string? reason = null;
        try
        {
            file.Delete();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.Stays(logger, e, import.Id);
            reason = Stays;
        }

        await ledger.UpdateAsync(import.Id, old => old with { Bytes = old.TotalBytes ?? 0 }, CancellationToken.None);
        await ledger.EndAsync(import.Id, JobState.Done, reason);
        return true;
    }

    /// <summary>Moves a file that is of no use to <c>failed/</c>, beside a text of its name that says why, unless it has grown since.</summary>
    /// <returns>False when it has, and is to be tried again.</returns>
    private async Task<bool> PutAsideAsync(Import import, string root, FileInfo file, string reason)
    {
        if (!IsStill(import, file))
        {
            await BeginAnewAsync(import);
            return false;
        }

        try
        {
            var folder = Directory.CreateDirectory(Path.Combine(root, FailedFolder)).FullName;
            var target = FreeName(folder, file.Name);
            File.Move(file.FullName, target);
            await File.WriteAllTextAsync(target + ".txt", reason + "\n", CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It would be tried again at every look. The row says that it was, as long as the file is the same.
            Log.Stays(logger, e, import.Id);
        }

        await ledger.EndAsync(import.Id, JobState.Failed, reason);
        return true;
    }

    private static string FreeName(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        for (var number = 2; File.Exists(path) || File.Exists(path + ".txt"); number++)
        {
            path = Path.Combine(folder, $"{Path.GetFileNameWithoutExtension(name)} ({number}){Path.GetExtension(name)}");
        }

        return path;
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "The file of import {Import} in the watch folder cannot be read")]
        public static partial void Unreadable(ILogger logger, Exception e, AssetId import);

        [LoggerMessage(Level = LogLevel.Warning, Message = "The file of import {Import} cannot be removed from the watch folder")]
        public static partial void Stays(ILogger logger, Exception e, AssetId import);
    }
}
