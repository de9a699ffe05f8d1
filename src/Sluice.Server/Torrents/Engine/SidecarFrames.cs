using System.Buffers.Binary;
using System.Text.Json;

namespace Sluice.Server.Torrents.Engine;

/// <summary>A frame: what is said, and the bytes that belong to it.</summary>
internal readonly record struct SidecarFrame(SidecarEvent Event, byte[] Payload);

/// <summary>Cuts what the sidecar prints into frames: two lengths, JSON, bytes.</summary>
internal static class SidecarFrames
{
    private const int HeadBytes = 8;
    private const int MostJsonBytes = 1 << 20;

    /// <summary>A description of a torrent; pieces are asked for in smaller parts.</summary>
    private const int MostPayloadBytes = 16 << 20;

    /// <summary>The next frame; null at the end.</summary>
    /// <exception cref="InvalidDataException">What comes is no frame.</exception>
    public static async ValueTask<SidecarFrame?> ReadAsync(Stream from, CancellationToken ct)
    {
        var head = new byte[HeadBytes];
        if (await from.ReadAtLeastAsync(head, HeadBytes, throwOnEndOfStream: false, ct) < HeadBytes)
        {
            return null;
        }

        var (text, payload) = (BinaryPrimitives.ReadUInt32BigEndian(head), BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(4)));
        if (text > MostJsonBytes || payload > MostPayloadBytes)
        {
            throw new InvalidDataException("No frame is that long.");
        }

        var (json, bytes) = (new byte[text], new byte[payload]);
        if (await from.ReadAtLeastAsync(json, json.Length, throwOnEndOfStream: false, ct) < json.Length
            || await from.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, ct) < bytes.Length)
        {
            return null;
        }

        return JsonSerializer.Deserialize(json, SidecarJson.Default.SidecarEvent) is { } said ? new SidecarFrame(said, bytes) : null;
    }
}
