using System.Collections.Concurrent;
using Sluice.Server.Publishing;

namespace Sluice.Server.Tests.Publishing;

/// <summary>A folder with the manners of other targets: it refuses a file, forgets nothing, takes no large files. It says what it was asked.</summary>
internal sealed class OddTarget(string folder) : IPublishTarget
{
    private readonly FolderTarget _folder = new(folder, "odd", TimeProvider.System);

    public string Name => _folder.Name;

    public string Place => _folder.Place;

    public bool CanRemove { get; init; } = true;

    public long MostBytes { get; init; } = long.MaxValue;

    /// <summary>Name of a file that cannot be sent; null when all can.</summary>
    public string? Refused { get; set; }

    /// <summary>Names of all files that were sent, in that order.</summary>
    public ConcurrentQueue<string> Sent { get; } = new();

    /// <summary>Names of all files that were removed, in that order.</summary>
    public ConcurrentQueue<string> Removed { get; } = new();

    public async ValueTask PutAsync(string name, ReadOnlyMemory<byte> bytes, string contentType, CancellationToken ct)
    {
        if (name == Refused)
        {
            throw new HttpRequestException("500 Internal Server Error");
        }

        await _folder.PutAsync(name, bytes, contentType, ct);
        Sent.Enqueue(name);
    }

    public ValueTask<bool> HasAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken ct) => _folder.HasAsync(name, bytes, ct);

    public ValueTask<byte[]?> ReadAsync(string name, CancellationToken ct) => _folder.ReadAsync(name, ct);

    public ValueTask RemoveAsync(string name, CancellationToken ct)
    {
        if (!CanRemove)
        {
            throw new NotSupportedException("nothing can be removed here");
        }

        Removed.Enqueue(name);
        return _folder.RemoveAsync(name, ct);
    }

    public ValueTask ChangeAsync(string name, FileChange change, string contentType, CancellationToken ct) =>
        _folder.ChangeAsync(name, change, contentType, ct);
}
