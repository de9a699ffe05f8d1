using Sluice.Server.Deliver;
using Sluice.Server.Hosting;

namespace Sluice.Server.Publishing;

/// <summary>
/// Writes trees to targets and takes them away again.
/// <code>
///   1 record: these files may be there from now on
///   2 segments ─ playlists ─ entrances, each after the one before is there to its last file; several files at once
///   3 the name in the list of playlists
///   4 what an earlier state of the title had and this one has not goes ─ record: that is all
/// </code>
/// Whatever stops it in between, nothing is listed that is not there, and the same once more sends only what is missing.
/// </summary>
/// <param name="options">How many files at once.</param>
internal sealed class TreePublisher(SluiceOptions options)
{
    private const int UsualBytes = 1 << 20;

    private readonly StripedLocks _trees = new();
    private readonly PlaylistIndex _index = new();

    /// <summary>Publishes a tree.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="target">Where to.</param>
    /// <param name="onBytes">As <see cref="PublishRun.OnBytes"/>.</param>
    /// <param name="ct">Stops it.</param>
    /// <returns>Bytes of all files.</returns>
    /// <exception cref="PublishException">It cannot be published there.</exception>
    public Task<long> PublishAsync(TitleTree tree, IPublishTarget target, Action<long> onBytes, CancellationToken ct) =>
        PublishAsync(tree, target, new PublishRun(onBytes), ct);

    /// <summary>The same, with more to say.</summary>
    public async Task<long> PublishAsync(TitleTree tree, IPublishTarget target, PublishRun run, CancellationToken ct)
    {
        using var alone = await _trees.EnterAsync(LockName(target, tree.Record), ct);

        // :: Step 1
        if (tree.Files.FirstOrDefault(f => f.SizeBytes > target.MostBytes) is { } large)
        {
            throw TooLarge(large.Name, large.SizeBytes, target);
        }

        var names = tree.Files.OrderBy(f => f.Part).Select(f => f.Name).ToList();
        var before = await TreeRecord.ReadAsync(target, tree.Record, ct);
        if (before is not null && before.Source != tree.Source)
        {
            throw new PublishException(
                $"At {target.Name}, {tree.Record} belongs to another title, or to another state of this file.", "Unpublish that first, or name another place.");
        }

        var stale = before?.Files.Except(names, StringComparer.Ordinal).ToList() ?? [];
        var begun = new TreeRecord(tree.Source, false, tree.IndexEntry, [.. stale, .. names]);
        await target.PutAsync(tree.Record, begun.Written(), TreeRecord.ContentType, ct);

        // :: Step 2
        var total = new Sum(run.OnBytes);
        foreach (var part in tree.Files.GroupBy(f => f.Part).OrderBy(g => g.Key))
        {
            if (part.Key != TreePart.Media)
            {
                await run.BeforeListing();
            }

            await AtOnceAsync(part, async (file, stop) => total.Add(file.SizeBytes, await PutAsync(file, target, before is not null, stop)), ct);
        }

        // :: Step 3
        if (tree.IndexEntry is { } entry)
        {
            await _index.AddAsync(target, entry, run.Listed, ct);
        }

        // :: Step 4
        if (target.CanRemove)
        {
            await AtOnceAsync(stale, target.RemoveAsync, ct);
            stale = [];
        }

        // Step 1 has written the same names: whoever reads that one still knows all files.
        var all = new TreeRecord(tree.Source, true, tree.IndexEntry, [.. stale, .. names]);
        await target.SendAsync(tree.Record, all.Written(), TreeRecord.ContentType, ct);
        return total.Bytes;
    }

    /// <summary>Takes a tree away, be it half there: out of the list, then manifests, then the rest, the record last. Where nothing can be removed
    /// it is only taken out of the list.</summary>
    /// <param name="place">Which one.</param>
    /// <param name="target">Where from.</param>
    /// <param name="onProgress">Is told the part that is done, 0 to 1.</param>
    /// <param name="ct">Stops it.</param>
    /// <returns>Files that are known to belong to it; null when nothing of such a tree was found, neither its record nor its name in the list.</returns>
    public async Task<int?> UnpublishAsync(TreePlace place, IPublishTarget target, Action<double> onProgress, CancellationToken ct)
    {
        var record = place.Record;
        using var alone = await _trees.EnterAsync(LockName(target, record), ct);
        var tree = await TreeRecord.ReadAsync(target, record, ct);

        // Whether the record is there or not: some places say now and then that something is not there which is.
        var wasListed = (tree?.Index ?? place.IndexEntry) is { } entry && await _index.RemoveAsync(target, entry, place.Listed, ct);
        if (tree is null)
        {
            return wasListed ? 0 : null;
        }

        if (target.CanRemove)
        {
            foreach (var manifest in tree.Manifests)
            {
                await target.RemoveAsync(manifest, ct);
            }

            var done = 0;
            await AtOnceAsync(tree.Media, async (file, stop) =>
            {
                await target.RemoveAsync(file, stop);
                onProgress(Interlocked.Increment(ref done) / (double)tree.Files.Count);
            }, ct);
            await place.BeforeForgetting();
            await target.RemoveAsync(record, ct);
        }

        return tree.Files.Count;
    }

    /// <summary>What people are told after a tree was unpublished where files cannot be removed.</summary>
    public static string LeftThere(IPublishTarget target) =>
        $"It is not listed any more, but {target.Name} cannot remove files: players that know the links can still fetch them.";

    private static async ValueTask<long> PutAsync(TreeFile file, IPublishTarget target, bool mayBeThere, CancellationToken ct)
    {
        using var bytes = new PooledBufferWriter((int)Math.Min(Math.Max(file.SizeBytes, UsualBytes), int.MaxValue));
        await file.WriteAsync(bytes, ct);
        if (bytes.Written.Length > target.MostBytes)
        {
            throw TooLarge(file.Name, bytes.Written.Length, target);
        }

        if (!mayBeThere || !await target.HasAsync(file.Name, bytes.Written, ct))
        {
            await target.PutAsync(file.Name, bytes.Written, file.ContentType, ct);
        }

        return bytes.Written.Length;
    }

    private static string LockName(IPublishTarget target, string record) => target.Place + "\n" + record;

    private static PublishException TooLarge(string file, long bytes, IPublishTarget target) => new(
        $"{file} has {bytes} bytes, and {target.Name} takes files of at most {target.MostBytes}.",
        "Shorter segments are smaller: lower package.segmentSeconds, and package the title anew.");

    private Task AtOnceAsync<T>(IEnumerable<T> items, Func<T, CancellationToken, ValueTask> work, CancellationToken ct) =>
        Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = options.Publish.Parallel, CancellationToken = ct }, work);

    private sealed class Sum(Action<long> onEstimate)
    {
        private readonly Lock _gate = new();
        private long _estimate;

        /// <summary>Bytes of files that are there.</summary>
        public long Bytes { get; private set; }

        public void Add(long estimate, long bytes)
        {
            lock (_gate)
            {
                _estimate += estimate;
                Bytes += bytes;
                onEstimate(_estimate); // In order: progress never goes back.
            }
        }
    }
}
