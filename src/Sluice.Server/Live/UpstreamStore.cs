using System.Buffers;
using System.Collections.Concurrent;
using Sluice.Media.Crypto;
using Sluice.Media.Hls;
using Sluice.Server.Outbound;

namespace Sluice.Server.Live;

/// <summary>Small things that many segments need, each fetched once: keys and init segments. Bounded in number and bytes; failures are not kept.</summary>
internal sealed class UpstreamStore(OutboundFetcher fetcher, UpstreamManner manner, TimeProvider clock)
{
    /// <summary>Keys change every few minutes, and both sides of a change are needed.</summary>
    private const int MostKept = 32;

    private readonly ConcurrentDictionary<string, Task<byte[]?>> _kept = new(StringComparer.Ordinal);
    private long _keptBytes;

    /// <summary>Whose memory it takes; null when nobody counts it.</summary>
    public ChannelMemory? Memory { get; set; }

    private long MostBytes => Math.Min(UpstreamManner.MostMapBytes, Memory?.MapBytes ?? long.MaxValue);

    /// <summary>A key of 16 bytes; null when there is none to be had.</summary>
    public async Task<byte[]?> KeyAsync(OutboundUrl url, CancellationToken ct) =>
        await KeepAsync($"key {url.Secret}", () => FetchAsync(url, null, UpstreamManner.MostKeyBytes, ct)) is { Length: HlsKey.Bytes } key ? key : null;

    /// <summary>An init segment, decrypted; null when there is none to be had.</summary>
    /// <param name="url">Where it is.</param>
    /// <param name="map">What it is.</param>
    /// <param name="key">For decrypting it; null when it is not encrypted.</param>
    /// <param name="sequence">Media sequence number of the segment that needs it, for a vector that is not given.</param>
    /// <param name="ct">Ends it.</param>
    public Task<byte[]?> MapAsync(OutboundUrl url, HlsMap map, byte[]? key, long sequence, CancellationToken ct) =>
        KeepAsync($"map {map.Range} {map.Key} {url.Secret}", async () =>
        {
            var bytes = await FetchAsync(url, map.Range, MostBytes, ct);
            return bytes is null || key is null ? bytes : Decrypt(bytes, key, map.Key!, sequence);
        });

    private static byte[]? Decrypt(byte[] bytes, byte[] key, HlsKey tag, long sequence)
    {
        Span<byte> iv = stackalloc byte[HlsKey.Bytes];
        tag.WriteIv(sequence, iv);
        using var decryptor = new SegmentDecryptor(key, iv);
        var clear = new byte[SegmentDecryptor.MostClearBytes(bytes.Length) + HlsKey.Bytes];
        var count = decryptor.Decrypt(bytes, clear);
        count += decryptor.Complete(clear.AsSpan(count));
        return decryptor.Problem is null ? clear[..count] : null;
    }

    /// <summary>Keeps nothing any more.</summary>
    public void Clear()
    {
        _kept.Clear();
        Memory?.Give(Interlocked.Exchange(ref _keptBytes, 0));
    }

    private async Task<byte[]?> KeepAsync(string name, Func<Task<byte[]?>> fetch)
    {
        if (_kept.Count > MostKept)
        {
            Clear();
        }

        // Two that ask at the same moment may both fetch; what the one gets is what the other gets.
        var task = _kept.GetOrAdd(name, _ => CountAsync(fetch));
        try
        {
            var bytes = await task;
            if (bytes is null)
            {
                _kept.TryRemove(KeyValuePair.Create(name, task));
            }

            return bytes;
        }
        catch
        {
            _kept.TryRemove(KeyValuePair.Create(name, task));
            throw;
        }
    }

    private async Task<byte[]?> CountAsync(Func<Task<byte[]?>> fetch)
    {
        var bytes = await fetch();
        var length = bytes?.Length ?? 0;
        if (Interlocked.Read(ref _keptBytes) + length > MostBytes)
        {
            Clear(); // This one too: it is asked for again when it is needed again.
        }

        Interlocked.Add(ref _keptBytes, length);
        Memory?.Take(length);
        return bytes;
    }

    private async Task<byte[]?> FetchAsync(OutboundUrl url, HlsByteRange? range, long mostBytes, CancellationToken ct)
    {
        var bytes = new Gathered();
        var fetch = new ByteFetch(fetcher, manner.Request(url, (range?.End ?? 0) + mostBytes), range, manner.Patience, clock) { Limit = manner.Limit(TimeSpan.Zero) };
        var result = await fetch.RunAsync(bytes, ct);
        return result.Problem is null ? bytes.ToArray() : null;
    }

    private sealed class Gathered : IByteRoom
    {
        private readonly ArrayBufferWriter<byte> _bytes = new();

        public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

        public Memory<byte> Room() => _bytes.GetMemory(ByteFetch.LeastRoomBytes);

        public ValueTask TakeAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
        {
            _bytes.Advance(bytes.Length);
            return ValueTask.CompletedTask;
        }
    }
}
