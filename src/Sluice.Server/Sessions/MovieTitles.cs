using Sluice.Server.Package;
using Sluice.Server.Store;

namespace Sluice.Server.Sessions;

/// <summary>Reads the tables of MP4 files that lie elsewhere, and believes them: what plays as it lies becomes track indexes.</summary>
internal sealed class MovieTitles(Packager packager)
{
    /// <summary>Bytes of a file that may be fetched to find the way in it; the tables of eleven hours have some 20 MiB.</summary>
    private const long MostIndexBytes = 64L << 20;

    /// <summary>Bytes that may be fetched for the tables of subtitles.</summary>
    private const long MostTextBytes = 16L << 20;

    /// <summary>Copies what can be copied. The media library reads as from a disk, on a thread of its own, which waits for what is elsewhere: there are no
    /// more of these than sessions, and none waits for another's source.</summary>
    /// <param name="file">The file.</param>
    /// <param name="pathOf">Where the index of a track goes.</param>
    /// <param name="besideEncoded">What cannot be copied is encoded beside it.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="SessionException">Its tables are spread all over it.</exception>
    /// <exception cref="SourceUnavailableException">It cannot be read.</exception>
    public async Task<CopyResult> CopyAsync(SessionFile file, Func<string, string> pathOf, bool besideEncoded, CancellationToken ct)
    {
        try
        {
            var source = new SessionByteSource(file, MostIndexBytes, ct);
            return await Task.Factory.StartNew(
                () => packager.CopyByTables(source, id => pathOf(ObjectKey.Index(default, id).Name), besideEncoded, ct) with { Texts = TextsOf(file, ct) },
                ct, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        catch (AggregateException e)
        {
            // Tracks are read side by side.
            var all = e.Flatten().InnerExceptions;
            throw all.OfType<SessionException>().FirstOrDefault()?.Again()
                ?? (Exception?)all.OfType<SourceUnavailableException>().FirstOrDefault()?.Again()
                ?? (ct.IsCancellationRequested ? new OperationCanceledException(e.Message, e, ct) : e);
        }
    }

    private static MovieTexts? TextsOf(SessionFile file, CancellationToken ct)
    {
        try
        {
            return MovieTexts.Open(new SessionByteSource(file, MostTextBytes, ct), file.Reader, ct);
        }
        catch (SessionException)
        {
            return null; // Their tables are spread all over the file, which plays without them.
        }
    }
}
