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

    /// <summary>Imports of which there are bytes.</summary>
    public IReadOnlyList<AssetId> List() =>
    [
        .. Directory.EnumerateFiles(_folder).Select(file => AssetId.TryParse(Path.GetFileName(file), null, out var id) ? id : (AssetId?)null)
            .OfType<AssetId>(),
    ];
}
