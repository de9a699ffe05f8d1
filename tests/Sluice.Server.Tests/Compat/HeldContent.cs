using System.Net;

namespace Sluice.Server.Tests.Compat;

/// <summary>A body of zeros whose last byte is sent only when it may be.</summary>
/// <param name="size">Bytes of it.</param>
/// <param name="begun">Told when all but the last byte are on their way.</param>
/// <param name="mayEnd">Waited for before the last byte.</param>
internal sealed class HeldContent(int size, Action begun, Task mayEnd) : HttpContent
{
    /// <inheritdoc />
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.WriteAsync(new byte[size - 1]);
        await stream.FlushAsync();
        begun();
        await mayEnd;
        await stream.WriteAsync(new byte[1]);
    }

    /// <inheritdoc />
    protected override bool TryComputeLength(out long length)
    {
        length = size;
        return true;
    }
}
