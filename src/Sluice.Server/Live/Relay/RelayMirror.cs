using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Sluice.Server.Live.Channels;
using Sluice.Server.Live.Output;

namespace Sluice.Server.Live.Relay;

/// <summary>
/// Makes of what a <see cref="RelaySender"/> sends the same feed here: the same bytes, segments and numbers, so that a viewer may ask either server for what
/// the other one has listed.
/// </summary>
/// <param name="feed">Empty, and nobody else's.</param>
/// <param name="watch">Is told what comes.</param>
internal sealed class RelayMirror(LiveFeed feed, IUpstreamWatch watch)
{
    private readonly List<Log> _logs = [new Log(feed.Ts)];
    private bool _isRetired;

    /// <summary>Anything has come.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Takes all that comes, until it says that there is no more.</summary>
    /// <returns>Why the other server's feed is over; null when it broke off.</returns>
    /// <exception cref="InvalidDataException">It is no relay.</exception>
    public async Task<FeedEnding?> RunAsync(PipeReader from, CancellationToken ct)
    {
        while (true)
        {
            var read = await from.ReadAsync(ct);
            var come = read.Buffer;
            FeedEnding? ending = null;
            while (ending is null && RelayFrames.TryRead(ref come, out var kind, out var payload))
            {
                if (kind == RelayKind.End)
                {
                    ending = (FeedEnding)payload.FirstSpan[0];
                }
                else
                {
                    Take(kind, payload);
                }
            }

            from.AdvanceTo(come.Start, come.End); // Also behind the end: the other side may wait for that.
            if (ending is not null || read.IsCompleted)
            {
                return ending;
            }
        }
    }

    private void Take(RelayKind kind, ReadOnlySequence<byte> payload)
    {
        switch (kind)
        {
            case RelayKind.Feed:
                var said = Read(payload, RelayJson.Default.RelayFeed);
                feed.Mirror(new FeedNumbers(said.Segment, said.Discontinuity), TimeSpan.FromTicks(said.TargetTicks), said.TsProblem);
                HasBegun = true;
                break;
            case RelayKind.Tracks:
                SetTracks(Read(payload, RelayJson.Default.RelayTrackArray));
                break;
            case RelayKind.Map:
                Span<byte> number = stackalloc byte[sizeof(int)];
                payload.Slice(1, sizeof(int)).CopyTo(number);
                Find(payload.FirstSpan[0]).Maps!.Mirror(BinaryPrimitives.ReadInt32LittleEndian(number), payload.Slice(1 + sizeof(int)).ToArray());
                break;
            case RelayKind.Bytes:
                Write(Find(payload.FirstSpan[0]).Bytes, payload.Slice(1));
                break;
            case RelayKind.Index:
                var index = Read(payload, RelayJson.Default.RelayIndex);
                Find(index.Log).Bytes.Mirror(now => Change(now, index));
                watch.Received(0); // It may be the first that can be listed.
                break;
        }
    }

    private void Write(ChunkLog log, ReadOnlySequence<byte> bytes)
    {
        foreach (var piece in bytes)
        {
            log.Write(piece.Span);
        }

        log.Publish();
        watch.Received((int)bytes.Length);
    }

    private void SetTracks(RelayTrack[] tracks)
    {
        var (listed, past) = (new List<LiveTrack>(), new List<LiveTrack>());
        foreach (var track in tracks)
        {
            while (_logs.Count <= track.Log)
            {
                _logs.Add(new Log(new ChunkLog(0)));
                feed.Memory.Add(_logs[^1].Bytes, track.Shares);
            }

            var log = _logs[track.Log];
            log.Maps ??= track.HasMaps ? new LiveMaps(feed.Memory) : null;
            (track.IsPast ? past : listed).Add(new LiveTrack(track.Name, log.Bytes)
            {
                Maps = log.Maps,
                Codecs = track.Codecs,
                Resolution = track is { Width: { } width, Height: { } height } ? (width, height) : null,
                Language = track.Language,
                Label = track.Label,
                From = track.From,
                Above = new FeedNumbers(track.AboveSegment, track.AboveDiscontinuity),
            });
        }

        feed.Tracks.Mirror([.. listed], [.. past]);
        if (past.Count > 0 && !Interlocked.Exchange(ref _isRetired, true))
        {
            past.ForEach(static track => track.Log.Complete());
            feed.Memory.Retire();
        }
    }

    private static LogIndex Change(LogIndex now, RelayIndex said)
    {
        // What has left this log already is not listed anew.
        var points = said.Points.Select(static p => new LogPoint(p.Position, p.PtsTicks, p.Join));
        var segments = said.Segments.Select(static s => new LogSegment(s.Number, s.Position, s.IsDiscontinuity, s.ProgramTime)
        {
            End = s.End,
            Duration = TimeSpan.FromTicks(s.DurationTicks),
            Map = s.Map,
            Discontinuities = s.Discontinuities,
            Prefix = s.Prefix,
        });
        return new LogIndex([.. now.Points, .. points], [.. now.Segments.Where(s => s.Number < said.From), .. segments]);
    }

    private Log Find(int number) => number < _logs.Count ? _logs[number] : throw new InvalidDataException("what another server sends is of no track");

    private static T Read<T>(ReadOnlySequence<byte> payload, JsonTypeInfo<T> type)
    {
        var reader = new Utf8JsonReader(payload);
        try
        {
            return JsonSerializer.Deserialize(ref reader, type) ?? throw new InvalidDataException("what another server sends says nothing");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException("what another server sends cannot be read; it may be of another version", e);
        }
    }

    private sealed class Log(ChunkLog bytes)
    {
        public ChunkLog Bytes { get; } = bytes;

        public LiveMaps? Maps { get; set; }
    }
}
