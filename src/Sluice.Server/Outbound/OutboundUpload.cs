using System.Net;
using System.Net.Http.Headers;

namespace Sluice.Server.Outbound;

/// <summary>What is sent with PUT.</summary>
/// <param name="LengthBytes">Exactly so many bytes are written.</param>
/// <param name="ContentType">Media type.</param>
/// <param name="WriteAsync">Writes them; may be called again for another try.</param>
internal sealed record OutboundUpload(long LengthBytes, string ContentType, Func<Stream, CancellationToken, Task> WriteAsync)
{
    /// <summary>Bytes that are here.</summary>
    public static OutboundUpload Of(ReadOnlyMemory<byte> bytes, string contentType) =>
        new(bytes.Length, contentType, (stream, ct) => stream.WriteAsync(bytes, ct).AsTask());

    /// <summary>The same as .NET's client takes it.</summary>
    public HttpContent ToContent() => new Content(this);

    private sealed class Content : HttpContent
    {
        private readonly OutboundUpload _upload;

        public Content(OutboundUpload upload)
        {
            _upload = upload;
            Headers.ContentType = MediaTypeHeaderValue.Parse(upload.ContentType);
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
            _upload.WriteAsync(stream, cancellationToken);

        protected override bool TryComputeLength(out long length)
        {
            length = _upload.LengthBytes;
            return true;
        }
    }
}
