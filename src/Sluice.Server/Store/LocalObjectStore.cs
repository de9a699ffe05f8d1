using System.Runtime.CompilerServices;
using Sluice.Server.Catalog;

namespace Sluice.Server.Store;

/// <summary>
/// Objects on local disk: <c>media/{asset}/{name}</c>, made in <c>stage/{asset}-{random}/</c> and committed by renaming
/// that folder. The rename is atomic and survives the death of the process at any instant. Nothing is flushed to the
/// platter on purpose (an upload of many gigabytes would wait for it), so after a power cut an asset published in the
/// last seconds may be incomplete; its catalog row is as young and usually gone with it.
/// </summary>
internal sealed class LocalObjectStore : IObjectStore
{
    /// <summary>Empty file in the folder of an asset that is not confirmed. No object can have this name.</summary>
    private const string Marker = ".unconfirmed";

    private readonly string _media;
    private readonly StageFolders _stages;

    /// <param name="root">Data folder; made when missing.</param>
    /// <param name="reserveBytes">Bytes of the disk that are never filled.</param>
    public LocalObjectStore(string root, long reserveBytes)
    {
        _media = Path.Combine(Path.GetFullPath(root), "media");
        _stages = new StageFolders(root, reserveBytes);
        Directory.CreateDirectory(_media);
    }

    /// <inheritdoc />
    public long FreeBytes => _stages.FreeBytes;

    /// <inheritdoc />
    public IObjectStage Stage(AssetId asset) => new LocalObjectStage(_stages.New(asset), FolderOf(asset));

    /// <inheritdoc />
    public ValueTask<IObjectReader?> OpenAsync(ObjectKey key, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var folder = new DirectoryInfo(FolderOf(key.Asset));
        var file = new FileInfo(Contained(folder.FullName, key.Name));
        if (!file.Exists || IsLink(file) || IsLink(folder))
        {
            return new ValueTask<IObjectReader?>((IObjectReader?)null);
        }

        try
        {
            return new ValueTask<IObjectReader?>(new LocalObjectReader(file.FullName));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // Removed between the two looks.
            return new ValueTask<IObjectReader?>((IObjectReader?)null);
        }
    }

    /// <inheritdoc />
    public ValueTask PutAsync(ObjectKey key, string localPath, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var target = Contained(FolderOf(key.Asset), key.Name);

        // The file may lie on another disk, where a move is a copy: it comes to ours first and is renamed there.
        var near = _stages.NewPath("put");
        File.Move(localPath, near);
        try
        {
            File.Move(near, target, overwrite: true);
        }
        finally
        {
            File.Delete(near);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask<bool> TryShareAsync(ObjectKey key, string stagedPath, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var near = _stages.NewPath("put");
        if (LocalPathOf(key) is not { } path || new FileInfo(path).Length != new FileInfo(stagedPath).Length || !HardLink.TryMake(path, near))
        {
            return new ValueTask<bool>(false);
        }

        File.Move(near, stagedPath, overwrite: true);
        return new ValueTask<bool>(true);
    }

    /// <inheritdoc />
    public ValueTask RemoveAsync(ObjectKey key, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (LocalPathOf(key) is { } path)
        {
            File.Delete(path);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask RemoveChunksAsync(AssetId asset, string rendition, CancellationToken ct)
    {
        var folder = new DirectoryInfo(FolderOf(asset));
        foreach (var file in folder.Exists ? folder.EnumerateFiles() : [])
        {
            ct.ThrowIfCancellationRequested();
            if (new ObjectKey(asset, file.Name).IsChunkOf(rendition))
            {
                file.Delete();
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public string? LocalPathOf(ObjectKey key)
    {
        var path = Contained(FolderOf(key.Asset), key.Name);
        return File.Exists(path) ? path : null;
    }

    /// <inheritdoc />
    public ValueTask ConfirmAsync(AssetId asset, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var folder = FolderOf(asset);
        if (Directory.Exists(folder))
        {
            File.Delete(Path.Combine(folder, Marker));
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask UnconfirmAsync(AssetId asset, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var folder = FolderOf(asset);
        if (Directory.Exists(folder))
        {
            Mark(folder);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask<bool> IsUnconfirmedAsync(AssetId asset, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return new ValueTask<bool>(File.Exists(Path.Combine(FolderOf(asset), Marker)));
    }

    /// <inheritdoc />
    public ValueTask DeleteAsync(AssetId asset, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var folder = FolderOf(asset);
        if (!Directory.Exists(folder))
        {
            return ValueTask.CompletedTask;
        }

        // Out of sight in one step, then file by file: a crash in between leaves a stage, which the next start clears.
        var doomed = _stages.NewPath("gone");
        Directory.Move(folder, doomed);
        Directory.Delete(doomed, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<AssetId> ListAsync([EnumeratorCancellation] CancellationToken ct)
    {
        await Task.CompletedTask;
        foreach (var folder in Directory.EnumerateDirectories(_media))
        {
            ct.ThrowIfCancellationRequested();
            if (AssetId.TryParse(Path.GetFileName(folder), null, out var id))
            {
                yield return id;
            }
        }
    }

    /// <inheritdoc />
    public void ClearStages() => _stages.Clear();

    /// <summary>The path of <paramref name="name"/> directly inside <paramref name="folder"/>.</summary>
    /// <exception cref="ArgumentException">The name is none that this server makes.</exception>
    internal static string Contained(string folder, string name) => Path.Combine(folder, Checked(name));

    /// <summary>The name, which is one that this server makes.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    internal static string Checked(string name)
    {
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not ('.' or '-'))
            {
                throw new ArgumentException("Object names are lower-case letters, digits, '.' and '-'.", nameof(name));
            }
        }

        if (name.Length is 0 or > 100 || name[0] == '.')
        {
            throw new ArgumentException("Object names have 1 to 100 characters and do not start with '.'.", nameof(name));
        }

        return name;
    }

    internal static void Mark(string folder) => File.WriteAllBytes(Path.Combine(folder, Marker), []);

    private static bool IsLink(FileSystemInfo entry) => entry.Attributes.HasFlag(FileAttributes.ReparsePoint);

    private string FolderOf(AssetId asset) => Contained(_media, asset.Value);
}
