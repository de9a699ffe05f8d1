using System.Security.Cryptography;
using Sluice.Server.Catalog;

namespace Sluice.Server.Store;

/// <summary>The folder <c>stage/</c> on local disk, in which the objects of every store are made. What lies there is nothing yet: a start empties it.</summary>
internal sealed class StageFolders
{
    private readonly string _folder;
    private readonly long _reserveBytes;

    /// <param name="root">Data folder; made when missing.</param>
    /// <param name="reserveBytes">Bytes of the disk that are never filled.</param>
    public StageFolders(string root, long reserveBytes)
    {
        (_folder, _reserveBytes) = (Path.Combine(Path.GetFullPath(root), "stage"), reserveBytes);
        Directory.CreateDirectory(_folder);
    }

    /// <summary>Bytes that can still be staged, less the reserve.</summary>
    public long FreeBytes => Math.Max(0, new DriveInfo(_folder).AvailableFreeSpace - _reserveBytes);

    /// <summary>A new folder for the objects of an asset.</summary>
    public string New(AssetId asset)
    {
        var folder = NewPath(asset.Value);
        Directory.CreateDirectory(folder);
        return folder;
    }

    /// <summary>A new path, at which nothing is yet.</summary>
    public string NewPath(string begin) => LocalObjectStore.Contained(_folder, $"{begin}-{RandomNumberGenerator.GetHexString(16, lowercase: true)}");

    /// <summary>Removes what an interrupted process left.</summary>
    public void Clear()
    {
        foreach (var entry in new DirectoryInfo(_folder).EnumerateFileSystemInfos())
        {
            if (entry is DirectoryInfo folder && !folder.Attributes.HasFlag(FileAttributes.ReparsePoint))
            {
                folder.Delete(recursive: true);
            }
            else
            {
                entry.Delete();
            }
        }
    }
}
