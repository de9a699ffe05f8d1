using Sluice.Server.Ingest;
using Sluice.Server.Outbound;
using Sluice.Server.Outbound.Remote;
using Sluice.Server.Store;

namespace Sluice.Server.Sessions;

/// <summary>A file on another server, read by range; what was read last is kept in the scratch folder.</summary>
internal sealed class RemoteSessionFile : SessionFile
{
    private readonly ScratchRoom _room;
    private readonly RemoteFile _file;

    /// <summary>Takes the file and its room, and gives back both.</summary>
    public RemoteSessionFile(RemoteFile file, ScratchRoom room, string fileName)
    {
        (_file, _room, FileName) = (file, room, fileName);
        Reader = new RemoteReader(file);
    }

    /// <inheritdoc />
    public override string FileName { get; }

    /// <inheritdoc />
    public override IObjectReader Reader { get; }

    /// <inheritdoc />
    public override long FetchedBytes => _file.FetchedBytes;

    /// <inheritdoc />
    public override string? Fault => _file.Fault;

    /// <summary>Takes room for a file whose beginning is known.</summary>
    /// <exception cref="SessionException">There is none.</exception>
    public static RemoteSessionFile Open(
        OutboundFetcher fetcher, SessionScratch scratch, TimeProvider clock, OutboundUrl url, RemoteFileFacts facts, ReadOnlySpan<byte> head)
    {
        var room = scratch.Take(facts.Length);
        try
        {
            var file = new RemoteFile(new BlockFetch(fetcher, url, facts, clock), room.NewCache(), head);
            return new RemoteSessionFile(file, room, UploadFields.FileName(facts.FileName is { Length: > 0 } given ? given : url.FileName));
        }
        catch
        {
            room.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public override async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync();
        _room.Dispose();
    }
}
