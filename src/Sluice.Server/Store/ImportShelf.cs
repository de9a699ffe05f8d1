using Microsoft.Win32.SafeHandles;
using Sluice.Server.Catalog;

namespace Sluice.Server.Store;

/// <summary>The bytes of downloads under way: <c>imports/{id}</c> in the data folder, on the disk of the store.</summary>
internal sealed class ImportShelf
{
    private readonly string _folder;

    /// <param name="root">Data folder; made when missing.</param>
    public ImportShelf(string root)
    {
        _folder = Path.Combine(Path.GetFullPath(root), "imports");
        Directory.CreateDirectory(_folder);
    }

    /// <summary>Where the bytes of an import are.</summary>
    public string PathOf(AssetId import) => LocalObjectStore.Contained(_folder, import.Value);

    /// <summary>Opens it for writing at <paramref name="offset"/>; what lies behind was never counted, and goes.</summary>
    public SafeFileHandle OpenAt(AssetId import, long offset)
    {
        var file = File.OpenHandle(PathOf(import), FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        RandomAccess.SetLength(file, offset);
        return file;
    }

    /// <summary>Bytes that are there.</summary>
    public long LengthOf(AssetId import) => new FileInfo(PathOf(import)) is { Exists: true } file ? file.Length : 0;

    /// <summary>Removes the bytes of an import; nothing happens when there are none.</summary>
    public void Delete(AssetId import) => File.Delete(PathOf(import));

    /// <summary>Keeps the bytes of an import for a person to see to: they are on the shelf no longer, and nothing here removes them.</summary>
    /// <param name="import">Whose bytes; setting them aside twice is the same as once.</param>
    /// <param name="extension">What is added to the name, with its dot.</param>
    /// <returns>Where they are, from the data folder; null when there are none.</returns>
    public string? SetAside(AssetId import, string extension)
    {
        var aside = PathOf(import) + extension;
        if (LengthOf(import) > 0)
        {
            File.Move(PathOf(import), aside);
        }

        return File.Exists(aside) ? $"imports/{import}{extension}" : null;
    }

    /// <summary>Imports of which there are bytes.</summary>
    public IReadOnlyList<AssetId> List() =>
    [
        .. Directory.EnumerateFiles(_folder).Select(file => AssetId.TryParse(Path.GetFileName(file), null, out var id) ? id : (AssetId?)null)
            .OfType<AssetId>(),
    ];
}
