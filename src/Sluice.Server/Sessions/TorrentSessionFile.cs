using Sluice.Server.Ingest;
using Sluice.Server.Store;
using Sluice.Server.Torrents;

namespace Sluice.Server.Sessions;

/// <summary>A file of a torrent; what was read of it lies in the torrent's folder, which is its session's. Who opens it has time, and waits as long as
/// that is given; from then on answers are made of it, which nobody waits for that long (<see cref="Serve"/>).</summary>
internal sealed class TorrentSessionFile : SessionFile
{
    private readonly Torrent _torrent;
    private readonly TorrentWaits _waits;
    private volatile bool _isServed;

    /// <param name="torrent">Of which it is known what is in it.</param>
    /// <param name="file">Which file.</param>
    /// <param name="clock">For the waits.</param>
    /// <exception cref="TorrentException">It is larger than may be.</exception>
    public TorrentSessionFile(Torrent torrent, TorrentFile file, TimeProvider clock)
    {
        var reader = torrent.Read(file);
        (_torrent, File) = (torrent, file);
        _waits = new TorrentWaits(reader, file, torrent.Contents!.PieceBytes, clock);
        Reader = new TorrentSource(this, reader);
    }

    /// <summary>Which file.</summary>
    public TorrentFile File { get; }

    /// <inheritdoc />
    public override string FileName => UploadFields.FileName(File.Path);

    /// <inheritdoc />
    public override IObjectReader Reader { get; }

    /// <inheritdoc />
    public override long FetchedBytes => _torrent.Status.DownloadedBytes;

    /// <inheritdoc />
    public override string? Fault => _torrent.Status is { State: TorrentState.Failed, Problem: { } problem } ? problem : null;

    /// <summary>How long somebody has been waiting for something of it; zero when nobody is.</summary>
    public TimeSpan Waited => _waits.Longest;

    /// <summary>From here on nobody waits without end for it.</summary>
    public void Serve() => _isServed = true;

    /// <inheritdoc />
    public override ValueTask DisposeAsync()
    {
        _waits.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>It as the store's readers want to see it.</summary>
    private sealed class TorrentSource(TorrentSessionFile owner, IObjectReader file) : IObjectReader
    {
        public long Length => file.Length;

        public bool IsElsewhere => true;

        public async ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken ct)
        {
            if (offset < 0 || offset >= Length || destination.IsEmpty)
            {
                return 0;
            }

            try
            {
                await (owner._isServed ? owner._waits.WaitAsync(offset, ct) : ValueTask.CompletedTask);
                return await file.ReadAsync(offset, destination, ct);
            }
            catch (TorrentException e)
            {
                throw new SourceUnavailableException(e.Message, e);
            }
        }

        public async ValueTask PrepareAsync(long offset, CancellationToken ct)
        {
            try
            {
                await (owner._isServed ? owner._waits.WaitAsync(offset, ct) : file.PrepareAsync(offset, ct));
            }
            catch (TorrentException e)
            {
                throw new SourceUnavailableException(e.Message, e);
            }
        }

        public async ValueTask PrepareAsync(IReadOnlyList<BytePart> parts, CancellationToken ct)
        {
            try
            {
                await owner._waits.WaitAsync(parts, ct);
            }
            catch (TorrentException e)
            {
                throw new SourceUnavailableException(e.Message, e);
            }
        }

        public void Dispose()
        {
            // It is the torrent's.
        }
    }
}
