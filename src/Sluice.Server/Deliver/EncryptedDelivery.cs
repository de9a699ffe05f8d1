using System.Net.Mime;
using Sluice.Media.Crypto;
using Sluice.Server.Catalog;

namespace Sluice.Server.Deliver;

/// <summary>
/// Sends segments that are encrypted on the way out (METHOD=AES-128, RFC 8216 section 4.3.2.4): nothing is stored twice, and length and tag are known
/// before the first byte. CBC goes from front to back, so a range is encrypted from the segment's beginning, and only sent from where it starts.
/// </summary>
internal static class EncryptedDelivery
{
    /// <summary>Name of the key beside the playlist and segments that it belongs to.</summary>
    public const string KeyFile = "key";

    private const int PieceBytes = 64 * 1024;
    private const int IvBytes = 16;

    /// <summary>Sends the key of a track to a player that the gate has let in; nobody keeps it on the way.</summary>
    public static Task SendKeyAsync(HttpContext context, SegmentSecret secret, string track)
    {
        var key = secret.KeyOf(track);
        context.Response.ContentType = MediaTypeNames.Application.Octet;
        context.Response.ContentLength = key.Length;
        context.Response.Headers.CacheControl = "no-store";
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(key, context.RequestAborted).AsTask();
    }

    /// <summary>Encrypts a segment that is whole in memory.</summary>
    public static void Encrypt(ReadOnlySpan<byte> clear, SegmentSecret secret, string track, int number, PooledBufferWriter output)
    {
        using var encryptor = EncryptorOf(secret, track, number);
        var written = encryptor.Encrypt(clear, output.GetSpan(SegmentEncryptor.MostEncryptedBytes(clear.Length)));
        output.Advance(written);
        output.Advance(encryptor.Complete(output.GetSpan(IvBytes)));
    }

    /// <summary>Sends a segment that was found, or the part of it that was asked for.</summary>
    /// <param name="context">The request, let in by the gate.</param>
    /// <param name="contentType">Media type.</param>
    /// <param name="etag">Strong entity tag, quoted, that no clear segment has.</param>
    /// <param name="segment">The segment.</param>
    /// <param name="secret">The asset's.</param>
    /// <param name="track">Whose key it has.</param>
    /// <param name="number">Its number, which is its media sequence number.</param>
    public static async Task SendAsync(
        HttpContext context, string contentType, string etag, StoredSegment segment, SegmentSecret secret, string track, int number)
    {
        var ct = context.RequestAborted;
        var entry = segment.Entry;
        var range = Representation.Begin(context, contentType, Representation.Immutable, SegmentEncryptor.EncryptedBytes(entry.SizeBytes), etag);
        if (range.Length == 0)
        {
            return;
        }

        using var blob = new PooledBytes(entry.BlobBytes);
        await segment.ReadBlobAsync(blob.Memory, ct);
        await segment.PrepareAsync(blob.Memory[entry.HeadBytes..], ct);
        using var encryptor = EncryptorOf(secret, track, number);
        using var clear = new PooledBytes(PieceBytes);
        var bytes = new SegmentBytes(segment, blob.Memory, 0);
        var output = context.Response.BodyWriter;
        var (at, left, clearLeft) = (0L, range.Length, entry.SizeBytes);
        while (left > 0)
        {
            var got = clearLeft == 0 ? 0 : await bytes.ReadAsync(clear.Memory[..(int)Math.Min(PieceBytes, clearLeft)], ct);
            clearLeft -= got;
            var memory = output.GetMemory(SegmentEncryptor.MostEncryptedBytes(PieceBytes) + IvBytes);
            var made = encryptor.Encrypt(clear.Memory.Span[..got], memory.Span);
            made += clearLeft == 0 ? encryptor.Complete(memory.Span[made..]) : 0;
            var first = (int)Math.Clamp(range.Start - at, 0, made);
            var count = (int)Math.Min(made - first, left);
            memory.Slice(first, count).CopyTo(memory);
            output.Advance(count);
            (at, left) = (at + made, left - count);
            var flushed = await output.FlushAsync(ct);
            if (flushed.IsCompleted || flushed.IsCanceled)
            {
                return; // The client is gone.
            }
        }
    }

    private static SegmentEncryptor EncryptorOf(SegmentSecret secret, string track, int number)
    {
        Span<byte> iv = stackalloc byte[IvBytes];
        SegmentEncryptor.WriteIv(number, iv);
        return new SegmentEncryptor(secret.KeyOf(track), iv);
    }
}
