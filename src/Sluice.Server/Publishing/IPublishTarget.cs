namespace Sluice.Server.Publishing;

/// <summary>A place where trees of files are published for players: a folder, a bucket, a key-value store.</summary>
internal interface IPublishTarget
{
    /// <summary>What people call it, without secrets.</summary>
    string Name { get; }

    /// <summary>Where it is, without secrets: the same for all that people call one place.</summary>
    string Place { get; }

    /// <summary>Whether a published file can be removed again.</summary>
    bool CanRemove { get; }

    /// <summary>Bytes of the largest file that it takes.</summary>
    long MostBytes { get; }

    /// <summary>Writes a file, whole or not at all, and checks that it is there as it was sent.</summary>
    ValueTask PutAsync(string name, ReadOnlyMemory<byte> bytes, string contentType, CancellationToken ct);

    /// <summary>Writes a file of which nothing depends on when it is seen; a place whose answers lag behind does not wait for it.</summary>
    ValueTask SendAsync(string name, ReadOnlyMemory<byte> bytes, string contentType, CancellationToken ct) => PutAsync(name, bytes, contentType, ct);

    /// <summary>Whether this very file is there already, so that it need not be sent again.</summary>
    ValueTask<bool> HasAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken ct);

    /// <summary>Reads a file; null when it is not there, which servers that are known to err are asked more than once.</summary>
    ValueTask<byte[]?> ReadAsync(string name, CancellationToken ct);

    /// <summary>Changes a small file that other processes may change at the same time, so that nobody's change is lost.</summary>
    ValueTask ChangeAsync(string name, FileChange change, string contentType, CancellationToken ct);

    /// <summary>Tries out whether the conditions are kept by which <see cref="ChangeAsync"/> writes. Where it writes by none there is nothing to try.</summary>
    ValueTask<bool> KeepsConditionsAsync(CancellationToken ct) => ValueTask.FromResult(true);

    /// <summary>Removes a file; nothing happens when it is not there.</summary>
    ValueTask RemoveAsync(string name, CancellationToken ct);
}
