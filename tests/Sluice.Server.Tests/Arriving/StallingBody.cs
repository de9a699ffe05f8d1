using System.Net;

namespace Sluice.Server.Tests.Arriving;

/// <summary>A body that is sent, and then goes on without a byte until it is let go.</summary>
internal sealed class StallingBody(byte[] bytes) : HttpContent
{
    private readonly TaskCompletionSource _stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _letGo = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Stalled => _stalled.Task;

    public void LetGo() => _letGo.TrySetResult();

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.WriteAsync(bytes);
        await stream.FlushAsync();
        _stalled.TrySetResult();
        await _letGo.Task;
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
