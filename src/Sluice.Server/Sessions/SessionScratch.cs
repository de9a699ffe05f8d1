using System.Security.Cryptography;
using System.Text;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;

namespace Sluice.Server.Sessions;

/// <summary>The room that sessions have for what they keep for a while: <c>sessions.scratch</c>. Nothing is made before the first one needs it.</summary>
internal sealed class SessionScratch(SluiceOptions options)
{
    private readonly Lock _gate = new();
    private readonly HashSet<ScratchRoom> _rooms = [];

    /// <summary>Bytes that are promised to sessions.</summary>
    public long TakenBytes
    {
        get
        {
            lock (_gate)
            {
                return _rooms.Sum(room => room.Bytes);
            }
        }
    }

    private string Folder => options.Sessions.Scratch ?? Path.Combine(options.Storage.Data, "scratch");

    /// <summary>Ends the names of what is this server's: others may have theirs in the same place.</summary>
    private string Mark =>
        $".{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(options.Storage.Data))).AsSpan(0, 4))}.session";

    /// <summary>Promises room for a file of this size, or for the part of it that a session may keep. Whoever took it gives it back.</summary>
    /// <exception cref="SessionException">There is not so much left, of what sessions may keep or of the disk.</exception>
    public ScratchRoom Take(long length)
    {
        var room = new ScratchRoom(this);
        room.Grow(Math.Min(length, options.Sessions.CacheBytes));
        return room;
    }

    /// <summary>Promises room for the chunks that are encoded of a title, or for as many as a session may keep. Whoever took it disposes of it.</summary>
    /// <param name="most">Bytes of all of them.</param>
    /// <exception cref="SessionException">There is not so much left.</exception>
    public SessionChunks TakeChunks(long most)
    {
        var room = TakeNone();
        room.Grow(Math.Min(most, options.Sessions.EncodedBytes));
        return new SessionChunks(room, NewPath());
    }

    /// <summary>Promises nothing yet: files that are kept whole make it grow.</summary>
    public ScratchRoom TakeNone() => new(this);

    /// <summary>Path of a new file or folder, which is not made. If this server is killed, the next one removes it.</summary>
    /// <exception cref="SessionException">The folder around it cannot be written to.</exception>
    public string NewPath()
    {
        Ensure();
        return Path.Combine(Folder, AssetId.New() + Mark);
    }

    /// <summary>Removes the files and folders of a server before this one, which was killed.</summary>
    /// <returns>How many.</returns>
    public int Clear()
    {
        if (!Directory.Exists(Folder))
        {
            return 0;
        }

        var left = new DirectoryInfo(Folder).GetFileSystemInfos("*" + Mark);
        foreach (var entry in left)
        {
            if (entry is DirectoryInfo folder)
            {
                folder.Delete(recursive: true);
            }
            else
            {
                entry.Delete();
            }
        }

        return left.Length;
    }

    /// <summary>What is said of a folder that takes nothing.</summary>
    internal static SessionException Unwritable() =>
        new(ErrorCode.DiskFull, "The folder for what sessions keep (sessions.scratch) cannot be written to.");

    /// <summary>Makes the folder, for its owner's eyes only: what people watch lies in it.</summary>
    private void Ensure()
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(Folder);
            }
            else
            {
                Directory.CreateDirectory(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable();
        }
    }

    /// <summary>Bytes of the disk, without those that are never filled (<c>storage.reserveBytes</c>).</summary>
    private long FreeBytes()
    {
        Ensure();
        try
        {
            return new DriveInfo(Path.GetFullPath(Folder)).AvailableFreeSpace - options.Storage.ReserveBytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable();
        }
    }

    /// <summary>Promises so much more. What was promised to others and has not come yet is not there any more.</summary>
    internal void Promise(ScratchRoom room, long wanted)
    {
        lock (_gate)
        {
            var most = options.Sessions.ScratchBytes;
            if (wanted > most)
            {
                throw new SessionException(ErrorCode.DiskFull, $"This one needs {wanted} bytes, and all sessions together may keep {most} (sessions.scratchBytes).");
            }

            var free = Math.Max(0, FreeBytes() - _rooms.Sum(other => Math.Max(0, other.Bytes - other.FilledBytes)));
            if (wanted > free)
            {
                throw new SessionException(ErrorCode.DiskFull, $"The disk has room for {free} bytes of what sessions keep, and this one needs {wanted}.") { MayPass = true };
            }

            var taken = _rooms.Sum(other => other.Bytes);
            if (wanted > most - taken)
            {
                throw new SessionException(
                    ErrorCode.SessionsFull,
                    $"Sessions keep {taken} of {most} bytes (sessions.scratchBytes), and this one needs {wanted} more.",
                    TimeSpan.FromSeconds(options.Sessions.IdleSeconds));
            }

            room.Bytes += wanted;
            _rooms.Add(room);
        }
    }

    /// <summary>Nothing is promised any more.</summary>
    internal void GiveBack(ScratchRoom room)
    {
        lock (_gate)
        {
            _rooms.Remove(room);
        }
    }
}
