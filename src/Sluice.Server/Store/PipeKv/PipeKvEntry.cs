using Microsoft.Win32.SafeHandles;

namespace Sluice.Server.Store.PipeKv;

/// <summary>
/// A value that is kept, or about to be: fetched once, read by any number of viewers while it comes.
/// <code>
///   fetch ──Append──▶ file ─────────────▶ readers, each where he is; who is ahead waits
///            Tell      │ Finish, or Fail: who waits is told
/// </code>
/// Its file has no name (on Windows it goes when it is closed), so nothing is left of it after a crash.
/// </summary>
/// <param name="name">Its name.</param>
/// <param name="path">Where its file is made; must not exist.</param>
internal sealed class PipeKvEntry(string name, string path) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<PipeKvFacts?> _facts = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _grown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SafeFileHandle? _file;
    private PipeKvException? _fault;
    private long _received;
    private bool _isWhole;

    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>What the node says of it, as soon as its beginning is known to be of use; null when there is no such value.</summary>
    public Task<PipeKvFacts?> Facts => _facts.Task;

    /// <summary>Tells it from other values, quoted; known with the facts.</summary>
    public string ETag { get; private set; } = "";

    /// <summary>There is no room to keep it; known with the facts.</summary>
    public bool NoRoom { get; set; }

    /// <summary>Ends its fetch.</summary>
    public CancellationTokenSource Stop { get; } = new();

    /// <summary>The one of this name that it replaces; null when there is none, or no more.</summary>
    public PipeKvEntry? Before { get; set; }

    /// <summary>Who reads it or waits for it. Guarded by the cache, as all that follows.</summary>
    public int Leases { get; set; }

    /// <summary>It is being fetched.</summary>
    public bool IsFetching { get; set; }

    /// <summary>Room that it takes.</summary>
    public long ReservedBytes { get; set; }

    /// <summary>When it came, as a timestamp.</summary>
    public long CameAt { get; set; }

    /// <summary>When the node first contradicted it, as a timestamp; null when it has not.</summary>
    public long? DoubtedAt { get; set; }

    /// <summary>Its place among those that were used last; null when it is not kept.</summary>
    public LinkedListNode<PipeKvEntry>? Place { get; set; }

    /// <summary>Bytes that are here.</summary>
    public long ReceivedBytes
    {
        get
        {
            lock (_gate)
            {
                return _received;
            }
        }
    }

    /// <summary>Whether all of it is here.</summary>
    public bool IsWhole
    {
        get
        {
            lock (_gate)
            {
                return _isWhole;
            }
        }
    }

    /// <summary>Whether all bytes are here, be it that its fetch has not noticed yet.</summary>
    public bool HasAll => IsWhole || (_facts.Task is { IsCompletedSuccessfully: true, Result.LengthBytes: { } length } && ReceivedBytes == length);

    /// <summary>Says what is known of it, or that there is none.</summary>
    public void Tell(PipeKvFacts? facts)
    {
        if (facts is not null)
        {
            // Where the node does not tell its values apart, one that was fetched twice is two: that costs a viewer some bytes and never mixes any.
            ETag = facts.Version is { } version && facts.LengthBytes is { } length && version.All(char.IsAsciiLetterOrDigit)
                ? $"\"kv-{version}-{length}\""
                : $"\"kv-{Guid.NewGuid():n}\"";
        }

        _facts.TrySetResult(facts);
    }

    /// <summary>Adds what has come.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_file is null)
        {
            var options = OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None;
            _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, options);
            if (!OperatingSystem.IsWindows())
            {
                File.Delete(path);
            }
        }

        RandomAccess.Write(_file, bytes, _received); // Nobody else changes how far it is.
        var count = bytes.Length;
        Change(() => _received += count);
    }

    /// <summary>All of it is here.</summary>
    public void Finish() => Change(() => _isWhole = true);

    /// <summary>It will never be whole.</summary>
    public void Fail(PipeKvException fault)
    {
        Change(() => _fault = fault);
        _facts.TrySetException(fault);
        _ = _facts.Task.Exception; // Nobody may have waited for it.
    }

    /// <summary>Done when it is whole, or cannot be.</summary>
    public async Task WholeAsync(CancellationToken ct)
    {
        while (Wait(long.MaxValue) is { } grown)
        {
            await grown.WaitAsync(ct);
        }
    }

    /// <summary>Reads what is here at <paramref name="offset"/>, waiting for it; 0 at the end.</summary>
    /// <exception cref="PipeKvException">It will not come.</exception>
    public ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken ct) =>
        Wait(offset) is { } grown ? WaitAndReadAsync(grown, offset, destination, ct) : new ValueTask<int>(Read(offset, destination.Span));

    /// <summary>Waits until there is a byte at <paramref name="offset"/>, or the end.</summary>
    /// <exception cref="PipeKvException">It will not come.</exception>
    public async ValueTask ReachAsync(long offset, CancellationToken ct)
    {
        while (Wait(offset) is { } grown)
        {
            await grown.WaitAsync(ct);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _file?.Dispose();

    private async ValueTask<int> WaitAndReadAsync(Task grown, long offset, Memory<byte> destination, CancellationToken ct)
    {
        await grown.WaitAsync(ct);
        await ReachAsync(offset, ct);
        return Read(offset, destination.Span);
    }

    private int Read(long offset, Span<byte> destination)
    {
        var count = (int)Math.Min(destination.Length, ReceivedBytes - offset);
        return count <= 0 ? 0 : RandomAccess.Read(_file!, destination[..count], offset);
    }

    /// <summary>What to wait for when <paramref name="offset"/> has not been reached; null when it has.</summary>
    private Task? Wait(long offset)
    {
        lock (_gate)
        {
            return offset < _received || _isWhole ? null : _fault is { } fault ? throw fault.Again() : _grown.Task;
        }
    }

    private void Change(Action change)
    {
        TaskCompletionSource grown;
        lock (_gate)
        {
            change();
            grown = _grown;
            _grown = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        grown.SetResult();
    }
}
