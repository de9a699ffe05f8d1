namespace Sluice.Server.Publishing;

/// <summary>A target that other processes may write to as well, and that can keep them out for a moment.</summary>
internal interface ILockableTarget
{
    /// <summary>Waits until nobody else changes the file of this name, and keeps it so until the answer is disposed.</summary>
    /// <exception cref="PublishException">Somebody has held it for too long.</exception>
    ValueTask<IDisposable> LockAsync(string name, CancellationToken ct);
}
