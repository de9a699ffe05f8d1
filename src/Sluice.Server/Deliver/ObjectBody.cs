using Sluice.Server.Store;

namespace Sluice.Server.Deliver;

/// <summary>Sends a stored object as it lies, perhaps with another beginning.</summary>
internal static class ObjectBody
{
    private const int PieceBytes = 64 * 1024;

    /// <summary>Sends the object, or the part of it that was asked for.</summary>
    /// <param name="context">The request, let in by the gate.</param>
    /// <param name="body">The object.</param>
    /// <param name="head">Stands in the place of the object's first bytes.</param>
    /// <param name="skipBytes">How many of them; no more than the object has.</param>
    /// <param name="contentType">Media type.</param>
    /// <param name="cacheControl">Cache-Control of a success.</param>
    /// <param name="etag">Strong entity tag, quoted.</param>
    public static async Task SendAsync(
        HttpContext context, IObjectReader body, ReadOnlyMemory<byte> head, int skipBytes, string contentType, string cacheControl, string etag)
    {
        var ct = context.RequestAborted;
        var range = Representation.Begin(context, contentType, cacheControl, head.Length + body.Length - skipBytes, etag);
        var output = context.Response.BodyWriter;
        for (var sent = 0L; sent < range.Length;)
        {
            var at = range.Start + sent;
            var wanted = (int)Math.Min(PieceBytes, range.Length - sent);
            var memory = output.GetMemory(wanted)[..wanted];
            var got = at < head.Length
                ? Copy(head[(int)at..], memory)
                : await body.ReadAsync(at - head.Length + skipBytes, memory, ct);
            if (got == 0)
            {
                throw new InvalidDataException("A stored object became shorter.");
            }

            output.Advance(got);
            sent += got;
            var flushed = await output.FlushAsync(ct);
            if (flushed.IsCompleted || flushed.IsCanceled)
            {
                return; // The client is gone.
            }
        }
    }

    private static int Copy(ReadOnlyMemory<byte> from, Memory<byte> to)
    {
        var count = Math.Min(from.Length, to.Length);
        from[..count].CopyTo(to);
        return count;
    }
}
