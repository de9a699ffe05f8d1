using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Sluice.Server.Live.Relay;

/// <summary>What a frame holds.</summary>
internal enum RelayKind : byte
{
    /// <summary>Nothing: the other side is still there.</summary>
    Alive = 0,

    /// <summary>A <see cref="RelayFeed"/>, in JSON; before anything else, and whenever it changes.</summary>
    Feed = 1,

    /// <summary>All <see cref="RelayTrack"/>s, in JSON; whenever they change.</summary>
    Tracks = 2,

    /// <summary>Number of a log (1 byte), number of an init segment (4 bytes, little-endian), and the init segment.</summary>
    Map = 3,

    /// <summary>Number of a log (1 byte), and bytes that go on where those before ended.</summary>
    Bytes = 4,

    /// <summary>A <see cref="RelayIndex"/>, in JSON, of bytes that were sent.</summary>
    Index = 5,

    /// <summary>Why there is no more (<see cref="Channels.FeedEnding"/>, 1 byte).</summary>
    End = 6,
}

/// <summary>What a feed says of itself.</summary>
/// <param name="Segment">Media sequence number that it begins with.</param>
/// <param name="Discontinuity">Discontinuity sequence number that it begins with.</param>
/// <param name="TargetTicks">Target duration, in ticks.</param>
/// <param name="TsProblem">Why there is no endless body; null when there is one.</param>
internal sealed record RelayFeed(long Segment, long Discontinuity, long TargetTicks, string? TsProblem);

/// <summary>A track of live HLS, as <see cref="Output.LiveTrack"/> has it.</summary>
/// <param name="Name">In URLs.</param>
/// <param name="Log">Number of its log; 0 is the transport stream's.</param>
/// <param name="Shares">Of the channel's memory, of a log beside the transport stream's.</param>
/// <param name="HasMaps">It has init segments.</param>
/// <param name="IsPast">It was listed before, and is fed no more.</param>
/// <param name="From">First segment that is listed.</param>
/// <param name="AboveSegment">What its segments' numbers have above those of the log.</param>
/// <param name="AboveDiscontinuity">What its discontinuities' numbers have above those of the log.</param>
internal sealed record RelayTrack(string Name, int Log, int Shares, bool HasMaps, bool IsPast, long From, long AboveSegment, long AboveDiscontinuity)
{
    public string? Codecs { get; init; }

    public int? Width { get; init; }

    public int? Height { get; init; }

    public string? Language { get; init; }

    public string? Label { get; init; }
}

/// <summary>What is new in the index of a log. Positions count from the first byte that was sent of it.</summary>
/// <param name="Log">Its number.</param>
/// <param name="From">Segments from this number on are no more what they were.</param>
/// <param name="Segments">What they are now.</param>
/// <param name="Points">More places where viewers may come in.</param>
internal sealed record RelayIndex(int Log, long From, RelaySegment[] Segments, RelayPoint[] Points);

/// <summary>See <see cref="LogPoint"/>.</summary>
internal sealed record RelayPoint(long Position, long? PtsTicks, byte[] Join);

/// <summary>See <see cref="LogSegment"/>.</summary>
internal sealed record RelaySegment(long Number, long Position, long? End, bool IsDiscontinuity, long Discontinuities, DateTimeOffset? ProgramTime, long DurationTicks, int? Map, byte[] Prefix);

[JsonSerializable(typeof(RelayFeed))]
[JsonSerializable(typeof(RelayTrack[]))]
[JsonSerializable(typeof(RelayIndex))]
internal sealed partial class RelayJson : JsonSerializerContext;

/// <summary>
/// How one node sends another what it shows:
/// <code>
///   kind (1 byte) │ length (4 bytes, little-endian) │ so many bytes
/// </code>
/// </summary>
internal static class RelayFrames
{
    /// <summary>Media type of a relay.</summary>
    public const string ContentType = "application/vnd.sluice.relay";

    /// <summary>Nothing in a frame is larger: blocks, init segments, and what is new of an index.</summary>
    public const int MostBytes = 32 << 20;

    private const int HeadBytes = 5;

    /// <summary>Writes a frame with a few bytes in front of others.</summary>
    public static void Write(PipeWriter to, RelayKind kind, ReadOnlySpan<byte> front, ReadOnlySpan<byte> bytes)
    {
        var head = to.GetSpan(HeadBytes);
        head[0] = (byte)kind;
        BinaryPrimitives.WriteInt32LittleEndian(head[1..], front.Length + bytes.Length);
        to.Advance(HeadBytes);
        to.Write(front);
        to.Write(bytes);
    }

    /// <summary>Writes a frame of JSON.</summary>
    public static void Write<T>(PipeWriter to, RelayKind kind, T value, JsonTypeInfo<T> type) => Write(to, kind, [], JsonSerializer.SerializeToUtf8Bytes(value, type));

    /// <summary>Takes a whole frame off the front of what came.</summary>
    /// <returns>False when it is not whole yet.</returns>
    /// <exception cref="InvalidDataException">It is no frame.</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> come, out RelayKind kind, out ReadOnlySequence<byte> payload)
    {
        (kind, payload) = (default, default);
        if (come.Length < HeadBytes)
        {
            return false;
        }

        Span<byte> head = stackalloc byte[HeadBytes];
        come.Slice(0, HeadBytes).CopyTo(head);
        kind = (RelayKind)head[0];
        var length = BinaryPrimitives.ReadInt32LittleEndian(head[1..]);
        if (kind > RelayKind.End || length is < 0 or > MostBytes)
        {
            throw new InvalidDataException("what another server sends is no relay");
        }

        if (come.Length < HeadBytes + length)
        {
            return false;
        }

        payload = come.Slice(HeadBytes, length);
        come = come.Slice(HeadBytes + length);
        return true;
    }
}
