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
///                                              └ refused: the file goes to failed/, with a text that says why
/// </code>
/// The file goes only after its title is there, so that a server which is killed loses none; the row tells the next one what was done.
/// </summary>
internal sealed partial class WatchedFile(
    IImportCatalog catalog,
    AssetDirectory assets,
    ImportLedger ledger,
    IObjectStore store,
    Admission admission,
    SluiceOptions options,
    TimeProvider clock,
    ILogger<WatchedFile> logger)
{
    /// <summary>Where files are put aside, in the watch folder.</summary>
    public const string FailedFolder = "failed";

    private const string Stays = "The title is there, but the file could not be removed from the watch folder.";

    /// <summary>Takes a file.</summary>
    /// <param name="root">The watch folder.</param>
    /// <param name="file">A file in it that does not grow any more.</param>
    /// <param name="ct">The server is stopped.</param>
    /// <returns>False when the file is to be tried again.</returns>
    public async Task<bool> TakeAsync(string root, FileInfo file, CancellationToken ct)
    {
        var source = Path.GetRelativePath(root, file.FullName);
        var identity = string.Create(CultureInfo.InvariantCulture, $"{file.Length} {file.LastWriteTimeUtc.Ticks}");
        var known = await catalog.FindImportAsync(ImportKind.Watch, source, ct);
        if (known is { State: JobState.Done, Reason: not null } && known.Validator == identity)
        {
            return true; // It became a title, and stays because it cannot be removed.
        }

        if (known is { IsOpen: true } && await assets.FindAsync(known.Id, ct) is not null)
        {
            // A process that was killed brought it that far. Another file may have come in its place since.
            await (known.Validator == identity ? FinishAsync(known, file) : ledger.EndAsync(known.Id, JobState.Done, null));
            return known.Validator == identity;
        }

        var import = await catalog.AddImportAsync(NewImport(source, identity, file), ct);
        return await AdmitAsync(import, root, file, ct);
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
            await (result.Asset is null
                ? PutAsideAsync(import, root, file, result.Detail ?? result.Error!.Title)
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
            await PutAsideAsync(import, root, file, "The server could not read the file. Look at its owner and its mode.");
        }

        return true;
    }

    private async Task FinishAsync(Import import, FileInfo file)
    {
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
    }

    /// <summary>Moves a file that is of no use to <c>failed/</c>, beside a text of its name that says why.</summary>
    private async Task PutAsideAsync(Import import, string root, FileInfo file, string reason)
    {
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
