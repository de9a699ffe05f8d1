using Sluice.Server.Catalog;
using Sluice.Server.Store;

namespace Sluice.Server.Package.Arriving;

/// <summary>
/// Hands what was repackaged of a title while it arrived over to its publication: what was served of it goes on then, and nobody waits for the whole file
/// to be repackaged once more. Of a title that nobody watched there is nothing.
/// </summary>
internal sealed class RemuxHandover(ArrivingFiles files, ArrivingTitles titles, AssetDirectory assets, TimeProvider clock)
{
    /// <summary>The file is there, so this is a matter of the disk: most often of no time at all, for what plays is not far behind what lands.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <summary>Puts it at <paramref name="path"/>, whole; false when there is none, or it is not of these streams.</summary>
    /// <param name="id">The title, all bytes of whose file have landed.</param>
    /// <param name="streams">What is to be in it.</param>
    /// <param name="path">Where it goes; must not exist yet.</param>
    /// <param name="ct">Ends the waiting.</param>
    public async Task<bool> TakeAsync(AssetId id, IReadOnlyList<RemuxedStream> streams, string path, CancellationToken ct)
    {
        if (files.Find(id) is not { WasServed: true } file || file.LandedBytes < file.TotalBytes
            || await assets.FindAsync(id, ct) is not { State: AssetState.Arriving } arriving
            || await titles.HoldAsync(arriving, ct) is not { } title)
        {
            return false;
        }

        try
        {
            if (title.Remux is not { } remux || !remux.Plan.Streams.SequenceEqual(streams))
            {
                return false;
            }

            await remux.Ended.WaitAsync(Longest, clock, ct);
            if (!remux.IsWhole)
            {
                return false;
            }

            HardLink.MakeOrCopy(remux.Path, path);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        finally
        {
            title.Release();
        }
    }
}
