using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Sluice.Server.Package.Making;
using Sluice.Server.Probe;
using Sluice.Server.Store;

namespace Sluice.Server.Sessions;

/// <summary>A file that is played from where it lies: a title with an owner, whose source is read in parts.</summary>
/// <param name="asset">The title.</param>
/// <param name="file">The file, its own until another title is made of it.</param>
/// <param name="film">See <see cref="Film"/>.</param>
/// <param name="drawable">Subtitles of the file that are pictures.</param>
/// <param name="chunks">Where its encoded chunks are; null when none are encoded.</param>
/// <param name="owner">On whose behalf it exists.</param>
internal sealed class SessionTitle(
    Asset asset, SessionFile file, string film, IReadOnlyList<DrawableSubtitles> drawable, SessionChunks? chunks, TitleOwner owner, RemoteSources sources, SegmentMakers makers, AssetDirectory assets, RunningTasks running,
    IObjectStore store) : OpenedSource
{
    /// <inheritdoc />
    public override string Title => asset.Title;

    /// <inheritdoc />
    public override string Film => film;

    /// <summary>The file.</summary>
    public SessionFile File => file;

    /// <summary>On whose behalf it exists.</summary>
    public TitleOwner Owner => owner;

    /// <summary>Tokens of another epoch are dead.</summary>
    public int Epoch => asset.Epoch;

    /// <summary>Subtitles of the file that are pictures.</summary>
    public IReadOnlyList<DrawableSubtitles> Drawable => drawable;

    /// <summary>Track of those that are drawn into the picture; null for none.</summary>
    public int? BurnedTrack => asset.BurnedTrack;

    /// <inheritdoc />
    public override AssetId? Asset => asset.Id;

    /// <inheritdoc />
    public override string? Fault => file.Fault;

    /// <inheritdoc />
    public override long FetchedBytes => file.FetchedBytes;

    /// <inheritdoc />
    public override long? SizeBytes => file.Length;

    /// <inheritdoc />
    public override async ValueTask DisposeAsync()
    {
        try
        {
            await ClearAsync();
        }
        finally
        {
            await file.DisposeAsync();
        }
    }

    /// <inheritdoc />
    public override async ValueTask ClearAsync()
    {
        var end = TitleEnd.Lost;
        try
        {
            // The row first: nobody is sent to what is going. Should this process die in between, the next start removes the rest.
            end = await owner.EndAsync();
            if (end == TitleEnd.Removed)
            {
                await assets.RemoveAsync(asset.Id, CancellationToken.None);
            }

            await running.EndAsync(asset.Id); // What encoded it was told to stop, and may be writing its last.
        }
        catch (CatalogUnreachableException)
        {
            end = TitleEnd.Lost; // Nobody knows whose it is by now.
            throw;
        }
        finally
        {
            // A row that cannot be removed now is the next start's too; all else goes in any case.
            sources.Remove(asset.Id);
            makers.Remove(asset.Id);
            chunks?.Dispose();
            if (end != TitleEnd.Lost || !store.IsElsewhere)
            {
                await store.DeleteAsync(asset.Id, CancellationToken.None); // In a store that is shared they are another server's by now.
            }
        }
    }
}
