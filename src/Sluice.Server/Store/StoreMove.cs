using Sluice.Server.Catalog;

namespace Sluice.Server.Store;

/// <summary>
/// Copies the media of a data folder into another store, some titles at a time. What was copied whole is left alone by the next try; the folder stays as it is.
/// Every object is compared by its size when it is there; the store itself checks the sum of what it receives.
/// </summary>
/// <param name="media">The folder <c>media/</c> of the data folder.</param>
/// <param name="source">The store over it.</param>
/// <param name="target">Where to.</param>
internal sealed class StoreMove(string media, IObjectStore source, IObjectStore target)
{
    /// <summary>Titles that are copied at the same time.</summary>
    private const int AtATime = 4;

    /// <summary>Titles that are there, and are none of the folder's: what they belong to is another installation.</summary>
    public async Task<int> CountForeignAsync(CancellationToken ct)
    {
        var ours = await source.ListAsync(ct).ToHashSetAsync(null, ct);
        return await target.ListAsync(ct).CountAsync(id => !ours.Contains(id), ct);
    }

    /// <summary>Copies all that is not there yet.</summary>
    /// <param name="told">Told after each title, one at a time: how many are done, and of how many.</param>
    /// <param name="ct">Cancels it; titles that were copied whole stay.</param>
    /// <returns>Titles and bytes that are there now.</returns>
    public async Task<(int Titles, long Bytes)> RunAsync(Action<int, int> told, CancellationToken ct)
    {
        var titles = new List<AssetId>();
        await foreach (var id in source.ListAsync(ct))
        {
            if (!await source.IsUnconfirmedAsync(id, ct))
            {
                titles.Add(id); // The others are leavings, which a start would remove.
            }
        }

        var (done, sum, gate) = (0, 0L, new Lock());
        await Parallel.ForEachAsync(titles, new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = ct }, async (id, token) =>
        {
            var bytes = await CopyAsync(id, token);
            lock (gate)
            {
                sum += bytes;
                told(++done, titles.Count);
            }
        });
        return (titles.Count, sum);
    }

    private async Task<long> CopyAsync(AssetId id, CancellationToken ct)
    {
        var files = new DirectoryInfo(Path.Combine(media, id.Value)).GetFiles().Where(file => file.Name[0] != '.').ToArray();
        if (await target.IsUnconfirmedAsync(id, ct))
        {
            await target.DeleteAsync(id, ct); // Of a try that was ended in the middle of it.
        }

        var missing = await MissingAsync(id, files, ct);
        if (missing.Count == files.Length)
        {
            await using var stage = target.Stage(id);
            foreach (var file in files)
            {
                HardLink.MakeOrCopy(file.FullName, stage.PathOf(file.Name));
            }

            await stage.CommitAsync(ct);
        }
        else if (missing.Count > 0)
        {
            await using var stage = target.Stage(id); // Never committed: a place for the files that are moved away.
            foreach (var file in missing)
            {
                HardLink.MakeOrCopy(file.FullName, stage.PathOf(file.Name));
                await target.PutAsync(new ObjectKey(id, file.Name), stage.PathOf(file.Name), ct);
            }
        }

        if (await MissingAsync(id, files, ct) is [var lost, ..])
        {
            throw new IOException($"{lost.Name} of {id} is not whole in the new place after it was copied.");
        }

        await target.ConfirmAsync(id, ct);
        return files.Sum(file => file.Length);
    }

    private async Task<List<FileInfo>> MissingAsync(AssetId id, FileInfo[] files, CancellationToken ct)
    {
        var missing = new List<FileInfo>();
        foreach (var file in files)
        {
            using var there = await target.OpenAsync(new ObjectKey(id, file.Name), ct);
            if (there?.Length != file.Length)
            {
                missing.Add(file);
            }
        }

        return missing;
    }
}
