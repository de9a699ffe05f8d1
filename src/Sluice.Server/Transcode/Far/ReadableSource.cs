using Sluice.Server.Store;

namespace Sluice.Server.Transcode.Far;

/// <summary>A stored object as ffmpeg reads it: the file, or where the store is elsewhere a relay that hands it the parts that it asks for. Dispose of it when nobody
/// reads any more.</summary>
internal sealed class ReadableSource : IAsyncDisposable
{
    private readonly SourceRelay? _relay;
    private readonly IObjectReader? _reader;

    private ReadableSource(string path) => Path = path;

    private ReadableSource(IObjectReader reader, TimeProvider clock)
    {
        (_reader, _relay) = (reader, new SourceRelay(reader, clock));
        Path = _relay.Url;
    }

    /// <summary>Full path, or the address of the relay.</summary>
    public string Path { get; }

    /// <summary>Why it could not be read, a sentence for a person; null when it could.</summary>
    public string? Trouble => _relay?.Trouble;

    /// <summary>Opens an object; null when it is not there.</summary>
    public static async ValueTask<ReadableSource?> OpenAsync(IObjectStore store, ObjectKey key, TimeProvider clock, CancellationToken ct)
    {
        if (store.LocalPathOf(key) is { } path)
        {
            return new ReadableSource(path);
        }

        return await store.OpenAsync(key, ct) is { } reader ? new ReadableSource(reader, clock) : null;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_relay is not null)
        {
            await _relay.DisposeAsync();
        }

        _reader?.Dispose();
    }
}
