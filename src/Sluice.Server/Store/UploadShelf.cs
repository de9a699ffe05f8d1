using Microsoft.Win32.SafeHandles;
using Sluice.Server.Catalog;

namespace Sluice.Server.Store;

/// <summary>The bytes of unfinished uploads: <c>uploads/{id}</c> in the data folder, on the disk of the store, so that a finished one becomes a
/// source by being renamed.</summary>
internal sealed class UploadShelf
{
    private readonly string _folder;

    /// <param name="root">Data folder; made when missing.</param>
    public UploadShelf(string root)
    {
        _folder = Path.Combine(Path.GetFullPath(root), "uploads");
        Directory.CreateDirectory(_folder);
    }

    /// <summary>Where the bytes of an upload are.</summary>
    public string PathOf(AssetId upload) => LocalObjectStore.Contained(_folder, upload.Value);

    /// <summary>Opens an upload for appending at <paramref name="offset"/>; what lies behind came without being accepted, and goes.</summary>
    /// <exception cref="InvalidDataException">The file is shorter than the catalog says.</exception>
    public SafeFileHandle OpenAt(AssetId upload, long offset)
    {
        var file = File.OpenHandle(PathOf(upload), FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        var length = RandomAccess.GetLength(file);
        if (length < offset)
        {
            file.Dispose();
            throw new InvalidDataException($"Upload {upload} has {length} bytes on disk and {offset} in the catalog.");
        }

        if (length > offset)
        {
            RandomAccess.SetLength(file, offset);
        }

        return file;
    }

    /// <summary>Removes the bytes of an upload; nothing happens when there are none.</summary>
    public void Delete(AssetId upload) => File.Delete(PathOf(upload));

    /// <summary>Uploads of which there are bytes.</summary>
    public IEnumerable<AssetId> List()
    {
        foreach (var file in Directory.EnumerateFiles(_folder))
        {
            if (AssetId.TryParse(Path.GetFileName(file), null, out var id))
            {
                yield return id;
            }
        }
    }
}
