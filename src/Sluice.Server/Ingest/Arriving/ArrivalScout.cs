using Sluice.Media.Cmaf;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Jobs;
using Sluice.Server.Package.Arriving;

namespace Sluice.Server.Ingest.Arriving;

/// <summary>
/// Looks at the first bytes of files that are coming, one after the other. What plays as it comes gets its row in the catalog.
/// <code>
/// 1 look     is its index there, or is it read without one, and every offered track copied? (<see cref="ArrivalStep"/>)
///            not known yet: again when more has landed · no: it plays when all is there, and so it is said
/// 2 row      a title that is arriving: it has a version already, which it keeps when what is published begins with what was served
/// </code>
/// </summary>
internal sealed partial class ArrivalScout(
    ArrivalDesk desk, AssetDirectory assets, ArrivalStep judge, SluiceOptions options, TimeProvider clock, ILogger<ArrivalScout> logger)
    : BackgroundService
{
    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var coming in desk.ToLookAt.ReadAllAsync(stoppingToken))
            {
                // Those behind it came later, so they are due later.
                var wait = clock.GetElapsedTime(clock.GetTimestamp(), coming.DueTimestamp);
                if (wait > TimeSpan.Zero)
                {
                    await Task.Delay(wait, clock, stoppingToken);
                }

                coming.Unqueue();
                await TryLookAsync(coming, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What arrives goes on in the next process.
        }
    }

    private async Task TryLookAsync(ComingFile coming, CancellationToken ct)
    {
        await coming.Gate.WaitAsync(ct);
        try
        {
            if (!coming.IsClosed && coming.Plays == Plays.Unknown)
            {
                await LookAsync(coming, ct);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // It becomes a title when all of it is there, as it would anyway.
            coming.NeededBytes = long.MaxValue;
            Log.Failed(logger, e, coming.File.Id);
        }
        finally
        {
            coming.Gate.Release();
        }
    }

    private async Task LookAsync(ComingFile coming, CancellationToken ct)
    {
        var file = coming.File;
        if (coming.NeededBytes == 0 && await assets.FindAsync(file.Id, ct) is { State: AssetState.Arriving })
        {
            await assets.RemoveAsync(file.Id, CancellationToken.None); // It begins anew: see ArrivalDesk.Landed.
        }

        // :: Step 1: look
        using var source = new LandedSource(file);
        var landed = file.LandedBytes;
        var look = coming.Announced.Wish.BurnSubtitles is null ? await judge(source, landed, ct) : ArrivalLook.AtEnd;
        if (look.Plays != ArrivalPlays.Now)
        {
            coming.Plays = look.Plays == ArrivalPlays.AtEnd ? Plays.AtEnd : Plays.Unknown;
            Need(coming, look.Plays == ArrivalPlays.Unknown ? Math.Max(look.NeedBytes, landed + 1) : long.MaxValue);
            desk.Tell(coming);
            return;
        }

        // :: Step 2: row
        var row = RowOf(file, coming.Announced, look);
        (file.Version, file.Remux) = (row.Version, look.Remuxed);
        if (await assets.PublishAsync(file.Id, old => old is null ? row : null, [], ct) is null)
        {
            Need(coming, long.MaxValue);
            return;
        }

        if (coming.File != file)
        {
            await assets.RemoveAsync(file.Id, CancellationToken.None); // It began anew meanwhile.
            Need(coming, 1);
            return;
        }

        coming.DurationSeconds = row.DurationSeconds;
        coming.Plays = Plays.Now;
        desk.Tell(coming);
        Log.Plays(logger, file.Id, landed, file.TotalBytes);
    }

    private void Need(ComingFile coming, long bytes)
    {
        coming.NeededBytes = bytes;
        if (coming.File.LandedBytes >= bytes)
        {
            desk.Queue(coming); // More has landed meanwhile, and perhaps nothing more will.
        }
    }

    private Asset RowOf(ArrivingFile file, Arrival announced, ArrivalLook look)
    {
        var now = clock.GetUtcNow();
        return new Asset
        {
            Id = file.Id,
            Title = announced.Title ?? UploadFields.TitleOf(announced.FileName),
            FileName = announced.FileName,
            State = AssetState.Arriving,
            Reason = look.Loss,
            Origin = announced.Origin,
            SizeBytes = file.TotalBytes,
            DurationSeconds = look.DurationSeconds,
            Version = ArrivingVersion.New(look.Manner(options.Package.SegmentSeconds)),
            Tracks = look.Tracks,
            CreatedAt = now,
            UpdatedAt = now,
            ExpiryMinutes = announced.Minutes, // Its life begins when it has arrived.
            AdminKeyHash = [],
        };
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "{Asset} plays while it arrives, from byte {Landed} of {Total} on")]
        public static partial void Plays(ILogger logger, AssetId asset, long landed, long total);

        [LoggerMessage(Level = LogLevel.Warning, Message = "{Asset} cannot be looked at while it arrives; it plays once all of it is there")]
        public static partial void Failed(ILogger logger, Exception e, AssetId asset);
    }
}
