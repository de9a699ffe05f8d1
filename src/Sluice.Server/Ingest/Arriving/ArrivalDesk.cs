using System.Collections.Concurrent;
using System.Threading.Channels;
using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Sluice.Server.Package.Arriving;

namespace Sluice.Server.Ingest.Arriving;

/// <summary>
/// Knows the files that come from front to back, and lets those be played that can be.
/// <code>
///   door: Begin ──► Landed, Landed, … ──────────────► CloseAsync ──► (a title is made of it) ──► EndAsync
///            └► ArrivalScout: one look at the first bytes ──► plays: a row in the catalog ──► viewers
/// </code>
/// What the doors call costs next to nothing: they have bytes to receive.
/// </summary>
internal sealed class ArrivalDesk(ArrivingFiles files, ArrivingTitles titles, AssetDirectory assets, ChangeFeed feed, TimeProvider clock)
{
    /// <summary>Files that may wait for a look; one that finds no room is offered again with its next bytes.</summary>
    private const int MostWaiting = 1024;

    /// <summary>A file that is there sooner than this is a title before anybody could have watched it come.</summary>
    private static readonly TimeSpan BeforeFirstLook = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan BetweenWords = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<AssetId, ComingFile> _coming = new();

    private readonly Channel<ComingFile> _toLookAt = Channel.CreateBounded<ComingFile>(
        new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });

    /// <summary>Files that are worth a look.</summary>
    public ChannelReader<ComingFile> ToLookAt => _toLookAt.Reader;

    /// <summary>A file begins to come, goes on after a break, or begins anew.</summary>
    /// <param name="id">Its name, and that of the title that it becomes.</param>
    /// <param name="path">Where its bytes are.</param>
    /// <param name="announced">What is known of it; its size is that of the whole.</param>
    /// <param name="landedBytes">Bytes that are there.</param>
    public ComingFile Begin(AssetId id, string path, Arrival announced, long landedBytes)
    {
        var due = clock.GetTimestamp() + (long)(BeforeFirstLook.TotalSeconds * clock.TimestampFrequency);
        var coming = _coming.GetOrAdd(id, _ =>
        {
            var file = new ArrivingFile(id, path, announced.SizeBytes, landedBytes);
            files.Add(file);
            return new ComingFile(file, announced, due);
        });
        if (coming.File.TotalBytes != announced.SizeBytes)
        {
            coming.Announced = announced;
            BeginAnew(coming, landedBytes); // Another file at the same address.
        }

        Landed(coming, landedBytes);
        return coming;
    }

    /// <summary>A file of which an earlier process had a title arriving; it goes on as the same.</summary>
    public void Resume(Asset asset, string path, Arrival announced, long landedBytes)
    {
        var coming = Begin(asset.Id, path, announced, landedBytes);
        coming.File.Version = asset.Version;
        coming.File.TryServe();
        coming.DurationSeconds = asset.DurationSeconds;
        coming.Plays = Plays.Now;
    }

    /// <summary>More of a file has landed.</summary>
    /// <param name="coming">The file.</param>
    /// <param name="bytes">Every byte before this one is there. Less than before: bytes were taken back, others may come in their place.</param>
    public void Landed(ComingFile coming, long bytes)
    {
        if (bytes < coming.File.LandedBytes)
        {
            BeginAnew(coming, bytes);
        }

        coming.File.Land(bytes);
        if (coming.Plays == Plays.Unknown && bytes >= coming.NeededBytes)
        {
            Queue(coming);
        }

        if (clock.GetElapsedTime(coming.ToldTimestamp) >= BetweenWords)
        {
            Tell(coming);
        }
    }

    /// <summary>How far a file is; null when it is not coming.</summary>
    public ArrivalStatus? StatusOf(AssetId id) => _coming.TryGetValue(id, out var coming) ? Describe(coming) : null;

    /// <summary>All files that are coming.</summary>
    public IReadOnlyList<ArrivalStatus> All() => [.. _coming.Values.Select(Describe)];

    /// <summary>Cancelled when the file is given up; never when it is not coming.</summary>
    public CancellationToken GivenUp(AssetId id) => _coming.TryGetValue(id, out var coming) ? coming.GivenUp : CancellationToken.None;

    /// <summary>Stops whoever receives the file.</summary>
    public void GiveUp(AssetId id)
    {
        if (_coming.TryGetValue(id, out var coming))
        {
            coming.GiveUp();
        }
    }

    /// <summary>All of it is there: from here on its row is the business of who makes the title.</summary>
    public async Task CloseAsync(AssetId id)
    {
        if (_coming.TryGetValue(id, out var coming))
        {
            await coming.Gate.WaitAsync(CancellationToken.None);
            coming.IsClosed = true;
            coming.Gate.Release();
        }
    }

    /// <summary>It has become a title, or nothing ever will: a title that was arriving then goes.</summary>
    public async Task EndAsync(AssetId id)
    {
        await CloseAsync(id);
        if (await assets.FindAsync(id, CancellationToken.None) is { State: AssetState.Arriving })
        {
            await assets.RemoveAsync(id, CancellationToken.None);
        }

        Forget(id);
    }

    /// <summary>It comes no more here; what becomes of it another server says.</summary>
    public async Task LeaveAsync(AssetId id)
    {
        await CloseAsync(id);
        Forget(id);
    }

    private void Forget(AssetId id)
    {
        if (_coming.TryRemove(id, out var coming))
        {
            files.Remove(coming.File);
            coming.Dispose();
        }
    }

    /// <summary>Tells those who watch how far it is.</summary>
    public void Tell(ComingFile coming)
    {
        coming.ToldTimestamp = clock.GetTimestamp();
        feed.Publish(new ArrivalChanged(Describe(coming)));
    }

    /// <summary>Offers it for a look, unless it waits for one already.</summary>
    public void Queue(ComingFile coming)
    {
        if (coming.TryQueue() && !_toLookAt.Writer.TryWrite(coming))
        {
            coming.Unqueue();
        }
    }

    /// <summary>Segments that were served may not be what comes now, so the file gets a life, and a title, of its own.</summary>
    private void BeginAnew(ComingFile coming, long bytes)
    {
        var before = coming.File;
        coming.File = new ArrivingFile(before.Id, before.Path, coming.Announced.SizeBytes, bytes);
        files.Remove(before);
        files.Add(coming.File);
        coming.Plays = Plays.Unknown;
        coming.NeededBytes = 0;
    }

    private ArrivalStatus Describe(ComingFile coming)
    {
        var file = coming.File;
        var share = file.TotalBytes > 0 ? (double)file.LandedBytes / file.TotalBytes : 0;
        var playable = coming.Plays == Plays.Now ? titles.PlayableSeconds(file) ?? coming.DurationSeconds * share : 0;
        return new ArrivalStatus(file.Id, coming.Plays, file.LandedBytes, file.TotalBytes, playable, coming.DurationSeconds);
    }
}
