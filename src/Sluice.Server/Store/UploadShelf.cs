using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Sluice.Server.Catalog;

namespace Sluice.Server.Store;

/// <summary>
/// The bytes of unfinished uploads, on the disk of the store, so that a finished one becomes a source by getting a second name.
/// <code>
///   uploads/{id}              an upload that comes from front to back, or that was joined
///   uploads/{id}-chunks/{n}   one that comes in numbered chunks, each there as a whole or not at all
/// </code>
/// </summary>
internal sealed class UploadShelf
{
    private const string ChunkFolder = "-chunks";
    private const string Arriving = ".new";

    private readonly string _folder;

    /// <param name="root">Data folder; made when missing.</param>
    public UploadShelf(string root)
    {
        _folder = Path.Combine(Path.GetFullPath(root), "uploads");
        Directory.CreateDirectory(_folder);
    }

    /// <summary>Where the bytes of an upload are.</summary>
    public string PathOf(AssetId upload) => LocalObjectStore.Contained(_folder, upload.Value);

    /// <summary>Bytes that are on disk of an upload that comes from front to back.</summary>
    public long LengthOf(AssetId upload) => new FileInfo(PathOf(upload)) is { Exists: true } file ? file.Length : 0;

    /// <summary>Opens an upload for appending at <paramref name="offset"/>; what lies behind came without being accepted, and goes.</summary>
    /// <param name="upload">The upload.</param>
    /// <param name="offset">Its offset.</param>
    /// <param name="mayLack">Bytes before the offset may be elsewhere; where they belong the file has a hole, then.</param>
    /// <exception cref="InvalidDataException">The file is shorter than the catalog says.</exception>
    public SafeFileHandle OpenAt(AssetId upload, long offset, bool mayLack = false)
    {
        var file = File.OpenHandle(PathOf(upload), FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read | FileShare.Delete);
        var length = RandomAccess.GetLength(file);
        if (length < offset && !mayLack)
        {
            file.Dispose();
            throw new InvalidDataException($"Upload {upload} has {length} bytes on disk and {offset} in the catalog.");
        }

        if (length != offset)
        {
            RandomAccess.SetLength(file, offset);
        }

        return file;
    }

    /// <summary>Where a chunk is, once it is there.</summary>
    public string ChunkPath(AssetId upload, int number) =>
        Path.Combine(ChunksOf(upload), number.ToString(CultureInfo.InvariantCulture));

    /// <summary>Where a chunk may be written before it takes its place by being renamed; a name that nobody else has.</summary>
    public string ArrivingChunk(AssetId upload)
    {
        Directory.CreateDirectory(ChunksOf(upload));
        return Path.Combine(ChunksOf(upload), RandomNumberGenerator.GetHexString(16, lowercase: true) + Arriving);
    }

    /// <summary>Chunks that are there, with their sizes in bytes. What was arriving when a process died is removed.</summary>
    public IReadOnlyList<(int Number, long SizeBytes)> Chunks(AssetId upload)
    {
        var found = new List<(int, long)>();
        var folder = new DirectoryInfo(ChunksOf(upload));
        foreach (var file in folder.Exists ? folder.EnumerateFiles() : [])
        {
            if (int.TryParse(file.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                found.Add((number, file.Length));
            }
            else
            {
                file.Delete();
            }
        }

        return found;
    }

    /// <summary>Removes the bytes of an upload; nothing happens when there are none.</summary>
    public void Delete(AssetId upload)
    {
        File.Delete(PathOf(upload));
        var chunks = ChunksOf(upload);
        if (Directory.Exists(chunks))
        {
            Directory.Delete(chunks, recursive: true);
        }
    }

    /// <summary>Whether there are bytes of an upload.</summary>
    public bool Has(AssetId upload) => File.Exists(PathOf(upload)) || Directory.Exists(ChunksOf(upload));

    /// <summary>Uploads of which there are bytes.</summary>
    public IReadOnlyList<AssetId> List()
    {
        var found = new HashSet<AssetId>();
        foreach (var entry in new DirectoryInfo(_folder).EnumerateFileSystemInfos())
        {
            var name = entry.Name.EndsWith(ChunkFolder, StringComparison.Ordinal) ? entry.Name[..^ChunkFolder.Length] : entry.Name;
            if (AssetId.TryParse(name, null, out var id))
            {
                found.Add(id);
            }
        }

        return [.. found];
    }

    private string ChunksOf(AssetId upload) => PathOf(upload) + ChunkFolder;
}
