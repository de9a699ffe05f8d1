using Sluice.Media.Cmaf;
using Sluice.Server.Catalog;
using Sluice.Server.Store;

namespace Sluice.Server.Package.Arriving;

/// <summary>
/// Whether what is published begins with what was served while it arrived: then it keeps its version, and nobody who watches notices. Heads,
/// extents and times are compared, which say all of a segment but the bytes that both take from the same file.
/// </summary>
internal sealed class Continuation(ArrivingFiles files, ArrivingTitles titles)
{
    /// <summary>Compares.</summary>
    /// <param name="arriving">The row until now.</param>
    /// <param name="stage">Holds the indexes that are to be published.</param>
    /// <param name="ct">Cancels it.</param>
    public async Task<bool> HoldsAsync(Asset arriving, IObjectStage stage, CancellationToken ct)
    {
        if (files.Find(arriving.Id) is not { } file || file.Version != arriving.Version)
        {
            return false;
        }

        if (file.TryClose())
        {
            return true; // Nobody has seen any of it, and nobody will before it is published.
        }

        if (await titles.HoldAsync(arriving, ct) is not { } title)
        {
            return false;
        }

        try
        {
            foreach (var track in title.Tracks)
            {
                var path = stage.PathOf(ObjectKey.Index(arriving.Id, track.Summary.Id).Name);
                if (!File.Exists(path) || !await IsContinuedAsync(title, track, path, ct))
                {
                    return false;
                }
            }

            return true;
        }
        finally
        {
            title.Release();
        }
    }

    private static async Task<bool> IsContinuedAsync(ArrivingTitle title, ArrivingTrack track, string path, CancellationToken ct)
    {
        using var published = new LocalObjectReader(path);
        return await TrackIndexFile.ReadAsync(published, ct) is { } final
            && final.Init.AsSpan().SequenceEqual(track.Compiler.Init.Span)
            && await title.AdvanceAsync(() => Served(track), ct) is var served
            && served.Length <= final.Rows.Length
            && await AreSameAsync(track, served, final.Rows, published, ct);
    }

    private static SegmentEntry[] Served(ArrivingTrack track) => [.. track.Compiler.Entries];

    private static async Task<bool> AreSameAsync(
        ArrivingTrack track, SegmentEntry[] served, SegmentEntry[] final, LocalObjectReader published, CancellationToken ct)
    {
        for (var i = 0; i < served.Length; i++)
        {
            if (served[i] with { BlobOffset = 0 } != final[i] with { BlobOffset = 0 })
            {
                return false;
            }

            var before = new byte[served[i].BlobBytes];
            track.Index.Read(served[i].BlobOffset, before);
            var after = await TrackIndexFile.BlobAsync(published, final[i], ct);
            if (!before.AsSpan().SequenceEqual(after))
            {
                return false;
            }
        }

        return true;
    }
}
