using System.Globalization;
using Sluice.Server.Hosting;
using Sluice.Server.Store;

namespace Sluice.Server.Publishing;

/// <summary>
/// Flat files of a folder that the configuration publishes to, for players where no key-value store is configured: the first by name that has a list of playlists.
/// Of folders without one, whose titles are in folders of their own or which hold something else, nothing is given.
/// </summary>
/// <param name="folders">The folders.</param>
internal sealed class PublishedFolder(IReadOnlyList<string> folders) : IPublishedFiles
{
    /// <summary>Folders of the configuration.</summary>
    public static IReadOnlyList<string> Of(PublishOptions options) =>
    [
        .. options.Targets.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => TargetAddress.TryParse(t.Value)).OfType<TargetAddress>()
            .Where(a => a.Kind == TargetKind.Folder).Select(a => Path.GetFullPath(a.Place)),
    ];

    /// <inheritdoc />
    public ValueTask<PublishedFile?> OpenAsync(string name, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return ValueTask.FromResult(
            folders.FirstOrDefault(f => File.Exists(Path.Combine(f, PublishedName.Index))) is { } folder ? Open(Path.Combine(folder, name)) : null);
    }

    private static PublishedFile? Open(string path)
    {
        try
        {
            if (!File.Exists(path))
            {
                return null;
            }

            // Published files are not changed where they lie: another is put into their place, so the tag is of the one that is open.
            var body = new LocalObjectReader(path);
            return new PublishedFile(body, string.Create(CultureInfo.InvariantCulture, $"\"{body.WrittenAt.Ticks:x}-{body.Length:x}\""), []);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null; // Taken away this moment.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PublishedFileException("A published file cannot be read on this server.", e);
        }
    }
}
