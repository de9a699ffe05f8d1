using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Sluice.Server.Store;

namespace Sluice.Server.Publishing;

/// <summary>
/// A folder that some web server serves. A file is written beside its place, flushed, read back and renamed: whoever asks for it gets all of
/// it or nothing, also after a power cut.
/// </summary>
/// <param name="folder">Where; made with the first file.</param>
/// <param name="name">What people call it.</param>
/// <param name="clock">For the wait for others.</param>
internal sealed class FolderTarget(string folder, string name, TimeProvider clock) : IPublishTarget
{
    private const string PartSuffix = ".part";
    private const int PieceBytes = 128 * 1024;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));

    /// <inheritdoc />
    public string Name => name;

    /// <inheritdoc />
    public string Place => _root;

    /// <inheritdoc />
    public bool CanRemove => true;

    /// <inheritdoc />
    public long MostBytes => long.MaxValue;

    /// <inheritdoc />
    public async ValueTask PutAsync(string name, ReadOnlyMemory<byte> bytes, string contentType, CancellationToken ct)
    {
        var path = PathOf(name);
        var part = path + PartSuffix;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using var file = File.OpenHandle(part, FileMode.Create, FileAccess.ReadWrite, FileShare.None);
            try
            {
                await RandomAccess.WriteAsync(file, bytes, 0, ct);
                RandomAccess.FlushToDisk(file);
                if (!Holds(file, bytes.Span))
                {
                    throw new PublishException($"{Name} does not give back what was written to it ({name}).", "Check its disk.");
                }

                File.Move(part, path, overwrite: true);
            }
            finally
            {
                File.Delete(part);
            }
        }
        catch (Exception e) when (IsTrouble(e))
        {
            throw Told(e, name, "written");
        }
    }

    /// <inheritdoc />
    public ValueTask<bool> HasAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var path = PathOf(name);
        try
        {
            if (!File.Exists(path))
            {
                return new ValueTask<bool>(false);
            }

            using var file = File.OpenHandle(path);
            return new ValueTask<bool>(Holds(file, bytes.Span));
        }
        catch (Exception e) when (IsTrouble(e))
        {
            throw Told(e, name, "read");
        }
    }

    /// <inheritdoc />
    public async ValueTask<byte[]?> ReadAsync(string name, CancellationToken ct)
    {
        var path = PathOf(name);
        try
        {
            return await File.ReadAllBytesAsync(path, ct);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (IsTrouble(e))
        {
            throw Told(e, name, "read");
        }
    }

    /// <inheritdoc />
    public async ValueTask ChangeAsync(string name, FileChange change, string contentType, CancellationToken ct)
    {
        if (change.Apply(await ReadAsync(name, ct)) is null)
        {
            return; // Neither the folder nor the lock's file is made for that.
        }

        using var alone = await LockAsync(name, ct);
        if (change.Apply(await ReadAsync(name, ct)) is { } wanted)
        {
            await PutAsync(name, wanted, contentType, ct);
        }
    }

    /// <inheritdoc />
    public ValueTask RemoveAsync(string name, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var path = PathOf(name);
        try
        {
            File.Delete(path + PartSuffix); // Left by a process that was killed.
            File.Delete(path);
            RemoveEmpty(Path.GetDirectoryName(path)!);
        }
        catch (DirectoryNotFoundException)
        {
            return ValueTask.CompletedTask; // It was not there, or went with the last other file that was in it.
        }
        catch (Exception e) when (IsTrouble(e))
        {
            throw Told(e, name, "removed");
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Waits until nobody else changes the file of this name, and keeps it so until the answer is disposed.</summary>
    /// <exception cref="PublishException">Somebody has held it for too long.</exception>
    public async ValueTask<IDisposable> LockAsync(string name, CancellationToken ct)
    {
        var path = PathOf("." + name + ".lock");
        var begin = clock.GetTimestamp();
        while (true)
        {
            try
            {
                Directory.CreateDirectory(_root);

                // The file stays: were it removed, two could hold locks on two files of this name.
                return File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (IsHeld(e, path) && clock.GetElapsedTime(begin) < Patience)
            {
                await Task.Delay(BetweenLooks, ct);
            }
            catch (IOException e) when (IsHeld(e, path))
            {
                throw new PublishException($"Somebody else has been changing {name} of {Name} for a long time.", "Try again when they are done.", mayPass: true);
            }
            catch (Exception e) when (IsTrouble(e))
            {
                throw Told(e, name, "changed");
            }
        }
    }

    /// <summary>The path of a file directly or indirectly inside the folder.</summary>
    /// <exception cref="ArgumentException">The name leads elsewhere.</exception>
    private string PathOf(string name)
    {
        var parts = name.Split('/');
        if (parts.Any(p => p is "" or "." or ".." || p.Any(c => char.IsControl(c) || c is '\\')))
        {
            throw new ArgumentException("Names are parts with a slash between them, none of which is empty, '.' or '..'.", nameof(name));
        }

        return Path.Combine([_root, .. parts]);
    }

    /// <summary>Somebody else has the file of a lock, which is there then.</summary>
    private static bool IsHeld(IOException e, string path) => !DiskFull.Is(e) && File.Exists(path);

    private static bool IsTrouble(Exception e) => e is IOException or UnauthorizedAccessException;

    private PublishException Told(Exception e, string name, string wish) => e switch
    {
        UnauthorizedAccessException => new PublishException($"{name} may not be {wish} at {Name}.", "Let the user that Sluice runs as read and write there."),
        IOException full when DiskFull.Is(full) => new PublishException(
            $"There is no room left at {Name}.", "Make some and try again: what is there already is not sent again.", mayPass: true),
        _ => new PublishException($"{name} cannot be {wish} at {Name}.", "Look whether something else is in its place, and try again.", mayPass: true),
    };

    /// <summary>Folders that were made for files go with the last of them.</summary>
    private void RemoveEmpty(string folder)
    {
        for (; folder.Length > _root.Length && !Directory.EnumerateFileSystemEntries(folder).Any(); folder = Path.GetDirectoryName(folder)!)
        {
            try
            {
                Directory.Delete(folder);
            }
            catch (IOException)
            {
                return; // Somebody has put something in there meanwhile, or was faster.
            }
        }
    }

    private static bool Holds(SafeFileHandle file, ReadOnlySpan<byte> bytes)
    {
        if (RandomAccess.GetLength(file) != bytes.Length)
        {
            return false;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            for (var at = 0; at < bytes.Length;)
            {
                var read = RandomAccess.Read(file, buffer.AsSpan(0, Math.Min(PieceBytes, bytes.Length - at)), at);
                if (read <= 0 || !bytes.Slice(at, read).SequenceEqual(buffer.AsSpan(0, read)))
                {
                    return false;
                }

                at += read;
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
