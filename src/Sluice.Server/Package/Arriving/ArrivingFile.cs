using Sluice.Server.Catalog;

namespace Sluice.Server.Package.Arriving;

/// <summary>
/// A file that comes from front to back while it is played. Whoever writes it tells here how far it is; that costs a memory write.
/// </summary>
/// <param name="id">Name of the upload or import, and of the title that it becomes.</param>
/// <param name="path">Where its bytes are.</param>
/// <param name="totalBytes">Size of the whole, as announced.</param>
/// <param name="landedBytes">Bytes that are there already.</param>
internal sealed class ArrivingFile(AssetId id, string path, long totalBytes, long landedBytes)
{
    private long _landed = landedBytes;
    private int _use;

    private enum Use
    {
        None,
        Served,
        Closed,
    }

    /// <summary>Name of the upload or import, and of the title that it becomes.</summary>
    public AssetId Id => id;

    /// <summary>Where its bytes are. They are read through a handle that outlives this name.</summary>
    public string Path => path;

    /// <summary>Size of the whole, as announced.</summary>
    public long TotalBytes => totalBytes;

    /// <summary>Every byte before this one is there.</summary>
    public long LandedBytes => Volatile.Read(ref _landed);

    /// <summary>Version of the title that is made of these very bytes; null while there is none.</summary>
    public string? Version { get; set; }

    /// <summary>Some of it may have been sent to viewers. True from the start for what an earlier process received.</summary>
    public bool WasServed => Volatile.Read(ref _use) == (int)Use.Served;

    /// <summary>How it is repackaged as it comes, once that is known; null for an MP4.</summary>
    public RemuxPlan? Remux { get; set; }

    /// <summary>It turned out that it does not play before all of it is there.</summary>
    public bool IsHopeless { get; set; }

    /// <summary>Before any of it is sent to a viewer; false when that may not be any more.</summary>
    public bool TryServe() => Interlocked.CompareExchange(ref _use, (int)Use.Served, (int)Use.None) != (int)Use.Closed;

    /// <summary>None of it is sent to viewers from now on; false when some may have been. What is published need not be compared with it then.</summary>
    public bool TryClose() => Interlocked.CompareExchange(ref _use, (int)Use.Closed, (int)Use.None) != (int)Use.Served;

    /// <summary>More has come.</summary>
    /// <param name="bytes">Every byte before this one is there; never less than before.</param>
    public void Land(long bytes) => Volatile.Write(ref _landed, bytes);
}
