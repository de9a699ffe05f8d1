using System.Buffers;
using System.Net;
using Microsoft.Win32.SafeHandles;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest.Arriving;
using Sluice.Server.Outbound;
using Sluice.Server.Package;
using Sluice.Server.Resolve;
using Sluice.Server.Store;

namespace Sluice.Server.Ingest.Imports;

/// <summary>
/// One attempt at a download.
/// <code>
/// 1 ask       for what is missing, if the file is still the one that the bytes on disk are of
/// 2 agree     206 goes on · 200 begins anew · 416 is whole, or begins anew · anything else is an answer for the operator
/// 3 receive   body → imports/{id}; now and then the catalog learns how much is safe
/// </code>
/// </summary>
internal sealed class ImportAttempt(
    OutboundFetcher fetcher,
    PageResolver pages,
    ImportShelf shelf,
    IObjectStore store,
    ImportLedger ledger,
    ArrivalDesk arrivals,
    SluiceOptions options,
    TimeProvider clock)
{
    private const int BufferBytes = 256 * 1024;

    /// <summary>Bytes that a crash may cost, at most.</summary>
    private const long BytesBetweenWrites = 16L << 20;

    private static readonly TimeSpan TimeBetweenWrites = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan TimeBetweenWords = TimeSpan.FromMilliseconds(250);

    /// <summary>Goes on with a download.</summary>
    /// <returns>It, with every byte on the disk.</returns>
    /// <exception cref="OutboundException">Nothing came, or not all.</exception>
    /// <exception cref="ImportFailedException">The server said no, or something that is of no use.</exception>
    /// <exception cref="IOException">The disk is full.</exception>
    public async Task<Import> RunAsync(Import import, CancellationToken ct)
    {
        var onDisk = shelf.LengthOf(import.Id);
        if (import.Bytes > 0 && import.Bytes == import.TotalBytes && import.Bytes == onDisk)
        {
            return import;
        }

        // :: Step 1: ask
        var from = import is { Bytes: > 0, Validator: not null } && onDisk >= import.Bytes ? import.Bytes : 0;
        await using var response = await AskAsync(import, from, ct);

        // :: Step 2: agree
        if (from > 0 && response.Status == (int)HttpStatusCode.RequestedRangeNotSatisfiable && response.WholeBytes == from)
        {
            return await SaveAsync(import with { TotalBytes = from }, ct);
        }

        if (from > 0 && !IsWhatWasAsked(import, response) && response.Status is 206 or 416)
        {
            return await RunAsync(import with { Bytes = 0, TotalBytes = null, Validator = null }, ct);
        }

        if (response.Status != (from > 0 && response.Status == 206 ? 206 : 200))
        {
            throw Said(response);
        }

        // :: Step 3: receive
        var begins = response.Status == 206
            ? import
            : import with { Bytes = 0, TotalBytes = response.LengthBytes, Validator = response.Validator };
        return await ReceiveAsync(begins with { FileName = import.FileName ?? NameOf(response) }, response, ct);
    }

    private static bool IsWhatWasAsked(Import import, OutboundResponse response) => response.Status == 206
        && response.FromByte == import.Bytes
        && (response.Validator is null || response.Validator == import.Validator)
        && (response.WholeBytes is null || import.TotalBytes is null || response.WholeBytes == import.TotalBytes);

    private static Arrival ArrivalOf(Import import, long bytes) =>
        new("import", UploadFields.FileName(import.FileName), bytes, import.Title, import.ExpiryMinutes, PackageWish.None);

    private static string NameOf(OutboundResponse response) =>
        UploadFields.FileName(response.FileName is { Length: > 0 } given ? given : response.Url.FileName);

    private static ImportFailedException Said(OutboundResponse response)
    {
        var mayPass = response.Status is 408 or 425 or 429 or >= 500;
        return new ImportFailedException($"The other server answered with status {response.Status}.", mayPass, response.RetryAfter?.Delta);
    }

    private async Task<OutboundResponse> AskAsync(Import import, long from, CancellationToken ct)
    {
        var url = OutboundUrl.TryParse(import.Source, out var parsed) ? parsed : throw new OutboundException(OutboundFailure.Refused);
        var request = new OutboundRequest(url)
        {
            FromByte = from > 0 ? from : null,
            IfRange = from > 0 ? import.Validator : null,
        };
        var response = await fetcher.SendAsync(request, ct);
        if (!IsPage(response))
        {
            return response;
        }

        var page = response.Url;
        await response.DisposeAsync();
        if (await pages.ResolveAsync(page, ct) is not { } file)
        {
            throw new ImportFailedException(
                pages.IsOn ? "It is a web page, and neither yt-dlp nor streamlink finds a file behind it." : "It is a web page, not a video file.");
        }

        response = await fetcher.SendAsync(request with { Url = file }, ct);
        if (IsPage(response))
        {
            await response.DisposeAsync();
            throw new ImportFailedException("Behind the web page is another web page, not a video file.");
        }

        return response;
    }

    private static bool IsPage(OutboundResponse response) =>
        response.Status is 200 or 206 && response.MediaType is "text/html" or "application/xhtml+xml";

    private async Task<Import> ReceiveAsync(Import import, OutboundResponse response, CancellationToken ct)
    {
        if (ImportLimits.TooLarge(import.TotalBytes ?? 0, options) is { } problem)
        {
            throw new ImportFailedException(problem);
        }

        DiskFull.Require(store, (import.TotalBytes ?? 0) - import.Bytes);
        import = await SaveAsync(import with { State = JobState.Running, Reason = null }, ct);
        using var file = shelf.OpenAt(import.Id, import.Bytes);
        var reached = import.Bytes;
        var coming = import.TotalBytes is { } whole ? arrivals.Begin(import.Id, shelf.PathOf(import.Id), ArrivalOf(import, whole), reached) : null;
        try
        {
            await CopyAsync();
        }
        finally
        {
            import = await SaveAsync(file, import with { Bytes = reached }, CancellationToken.None);
            if (coming is not null)
            {
                arrivals.Tell(coming); // Nothing may come for a while.
            }
        }

        if (import.TotalBytes is { } total && total != reached)
        {
            throw new OutboundException(OutboundFailure.Broken);
        }

        return await SaveAsync(import with { TotalBytes = reached }, ct);

        async Task CopyAsync()
        {
            var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
            try
            {
                var (written, told) = (clock.GetTimestamp(), clock.GetTimestamp());
                while (await response.Body.ReadAsync(buffer, ct) is > 0 and var count)
                {
                    if (count > options.Ingest.MaxUploadBytes - reached)
                    {
                        throw new ImportFailedException($"It has more bytes than this server takes: {options.Ingest.MaxUploadBytes} (ingest.maxUploadBytes).");
                    }

                    RandomAccess.Write(file, buffer.AsSpan(0, count), reached);
                    reached += count;
                    if (coming is not null)
                    {
                        arrivals.Landed(coming, reached);
                    }

                    if (reached - import.Bytes >= BytesBetweenWrites || clock.GetElapsedTime(written) >= TimeBetweenWrites)
                    {
                        import = await SaveAsync(file, import with { Bytes = reached }, ct);
                        written = clock.GetTimestamp();
                        DiskFull.Require(store, 1);
                    }
                    else if (clock.GetElapsedTime(told) >= TimeBetweenWords)
                    {
                        ledger.Tell(import with { Bytes = reached });
                        told = clock.GetTimestamp();
                    }
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private Task<Import> SaveAsync(SafeFileHandle file, Import import, CancellationToken ct)
    {
        if (options.Ingest.Durable)
        {
            RandomAccess.FlushToDisk(file);
        }

        return SaveAsync(import, ct);
    }

    /// <summary>Writes down what this attempt knows. What somebody else decided meanwhile stays.</summary>
    private async Task<Import> SaveAsync(Import import, CancellationToken ct)
    {
        await ledger.UpdateAsync(
            import.Id,
            old => !old.IsOpen
                ? old
                : old with
                {
                    State = import.State,
                    Reason = import.Reason,
                    FileName = import.FileName,
                    Bytes = import.Bytes,
                    TotalBytes = import.TotalBytes,
                    Validator = import.Validator,
                },
            ct);
        return import;
    }
}
