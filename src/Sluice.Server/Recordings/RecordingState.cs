using Sluice.Server.Catalog;

namespace Sluice.Server.Recordings;

/// <summary>What is wanted of a recording.</summary>
/// <param name="Title">Of the title that it becomes; null makes one of the channel's and the time.</param>
/// <param name="Back">How long before now it is to begin.</param>
/// <param name="Length">How long it goes on from now; null until it is stopped.</param>
internal sealed record RecordingWish(string? Title, TimeSpan Back, TimeSpan? Length);

/// <summary>A recording, while it runs. One writes, anybody reads.</summary>
/// <param name="id">Of the title that it becomes.</param>
/// <param name="title">Of that title.</param>
/// <param name="startedAt">When it was asked for.</param>
/// <param name="beginsAt">When what it begins with was received.</param>
/// <param name="endsAt">When it ends by itself; null when it does not.</param>
internal sealed class RecordingState(AssetId id, string title, DateTimeOffset startedAt, DateTimeOffset beginsAt, DateTimeOffset? endsAt)
{
    private long _bytes;
    private long _missedBytes;
    private int _gaps;

    /// <summary>Of the title that it becomes.</summary>
    public AssetId Id => id;

    /// <summary>Of that title.</summary>
    public string Title => title;

    /// <summary>When it was asked for.</summary>
    public DateTimeOffset StartedAt => startedAt;

    /// <summary>When what it begins with was received.</summary>
    public DateTimeOffset BeginsAt => beginsAt;

    /// <summary>When it ends by itself; null when it does not.</summary>
    public DateTimeOffset? EndsAt => endsAt;

    /// <summary>Bytes that are written.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Times that the disk was so slow that the log went on without it.</summary>
    public int Gaps => Volatile.Read(ref _gaps);

    /// <summary>Bytes that it missed by that.</summary>
    public long MissedBytes => Interlocked.Read(ref _missedBytes);

    /// <summary>Says how far it is.</summary>
    public void Tell(long bytes, int gaps, long missedBytes)
    {
        Interlocked.Exchange(ref _bytes, bytes);
        Volatile.Write(ref _gaps, gaps);
        Interlocked.Exchange(ref _missedBytes, missedBytes);
    }
}
