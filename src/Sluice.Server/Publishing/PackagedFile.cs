using Sluice.Server.Deliver;
using Sluice.Server.Store;

namespace Sluice.Server.Publishing;

/// <summary>A media file on this machine with its track indexes beside, open as a title of the library would be.</summary>
internal sealed class PackagedFile : IDisposable
{
    private readonly LocalObjectReader _source;
    private readonly List<StoredTrack> _tracks = [];

    private PackagedFile(string path) => _source = new LocalObjectReader(path);

    /// <summary>What is published of it.</summary>
    public TitleParts Parts => new([.. _tracks.OrderBy(t => t.Summary.Kind)], [], null, null);

    /// <summary>Opens it.</summary>
    /// <param name="path">The media file.</param>
    /// <param name="indexPaths">One index for each offered track.</param>
    /// <param name="ct">Cancels it.</param>
    public static async Task<PackagedFile> OpenAsync(string path, IEnumerable<string> indexPaths, CancellationToken ct)
    {
        var file = new PackagedFile(path);
        try
        {
            foreach (var index in indexPaths)
            {
                file._tracks.Add(await StoredTrack.OpenAsync(new LocalObjectReader(index), file._source, null, null, ct)
                    ?? throw new InvalidDataException("The track index cannot be read back."));
            }

            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _tracks.ForEach(t => t.Dispose());
        _source.Dispose();
    }
}
