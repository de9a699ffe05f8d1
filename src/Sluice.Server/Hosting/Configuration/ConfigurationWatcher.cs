using System.Runtime.InteropServices;
using Sluice.Server.Live.Channels;

namespace Sluice.Server.Hosting.Configuration;

/// <summary>
/// Takes over the channels of the configuration file when it changes.
/// <code>
/// every second: written since, or not read for ten seconds? read the file ──▶ as it was? done
///                                 changed: seen twice the same? else it may be half written
///                                 └▶ parse ──▶ fault: keep what is in force, say where the fault is
///                                          └─▶ channels are put in force; of other keys it is said that they wait
/// SIGHUP: the same, at once
/// </code>
/// What the file holds is compared; its time only says when to look at once. So it is right for editors that put a new file in the place of the old one
/// too, and for mounts whose links change, and hardly anything is done for a file that nobody touches.
/// </summary>
internal sealed partial class ConfigurationWatcher(
    LoadedConfiguration atStart, StreamsInForce streams, ConfigurationReport report, TimeProvider clock, ILogger<ConfigurationWatcher> logger)
    : BackgroundService, IHostedLifecycleService
{
    /// <summary>Time between two looks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Of so many looks, one is at what the file holds, whatever its time says.</summary>
    private const int LooksBetweenReads = 10;

    private readonly ConfigurationSource _source = atStart.Source ?? throw new ArgumentException("There is no file.", nameof(atStart));
    private readonly Lock _gate = new();
    private Reading _settled = new(atStart.Content, null);
    private Reading? _new;
    private string _waiting = "";

    /// <summary>Looks at the file.</summary>
    /// <param name="atOnce">Takes what is there; otherwise only what is there for the second time.</param>
    public void Look(bool atOnce)
    {
        // SIGHUP comes on a thread of its own.
        lock (_gate)
        {
            var reading = Read();
            if (reading.Says(_settled))
            {
                _new = null;
            }
            else if (!atOnce && _new?.Says(reading) != true)
            {
                _new = reading;
            }
            else
            {
                (_settled, _new) = (reading, null);
                Take(reading);
            }
        }
    }

    /// <inheritdoc />
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        streams.WarnOfOwnPaths();
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var signal = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true; // Or it would end the process.
            Log.Asked(logger, _source.Name);
            Look(atOnce: true);
        });
        var (writtenAt, looks) = (default(DateTime), 0);
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Interval, clock, stoppingToken);
            var now = _source.WrittenAt;
            if (now != writtenAt || ++looks == LooksBetweenReads || Volatile.Read(ref _new) is not null)
            {
                (writtenAt, looks) = (now, 0);
                Look(atOnce: false);
            }
        }
    }

    private Reading Read()
    {
        try
        {
            return new Reading(_source.Read(), null);
        }
        catch (SetupException e)
        {
            return new Reading(null, e.Message);
        }
    }

    private void Take(Reading reading)
    {
        try
        {
            var next = _source.Parse(reading.Bytes ?? throw new SetupException(reading.Problem!));
            if (next.IsEmpty)
            {
                throw new SetupException($"{_source.Name} is empty; 'streams: {{}}' ends all of its channels.");
            }

            streams.Replace(next.Channels);
            report.Problem = null;
            SayWhatWaits(next);
        }
        catch (SetupException e)
        {
            report.Problem = e.Message;
            Log.Refused(logger, e.Message);
        }
    }

    /// <summary>Other keys than those of channels are read at start only.</summary>
    private void SayWhatWaits(LoadedConfiguration next)
    {
        var before = Texts(atStart);
        var now = Texts(next);
        var waiting = string.Join(", ", before.Except(now).Concat(now.Except(before)).Select(pair => pair.Key).Distinct().Order(StringComparer.Ordinal));
        if (waiting != _waiting && waiting.Length > 0)
        {
            Log.Waits(logger, waiting);
        }

        _waiting = waiting;
    }

    private static Dictionary<string, string> Texts(LoadedConfiguration configuration) =>
        configuration.FileSettings.ToDictionary(s => s.Path, s => string.Join('\n', s.Values), StringComparer.Ordinal);

    /// <summary>What a look at the file gave: its bytes, or why there are none.</summary>
    private sealed record Reading(byte[]? Bytes, string? Problem)
    {
        public bool Says(Reading other) => Problem == other.Problem && Bytes.AsSpan().SequenceEqual(other.Bytes);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "SIGHUP: {File} is read again")]
        public static partial void Asked(ILogger logger, string file);

        [LoggerMessage(Level = LogLevel.Warning, Message = "The channels stay as they were. {Problem}")]
        public static partial void Refused(ILogger logger, string problem);

        [LoggerMessage(Level = LogLevel.Warning, Message = "Changed in the configuration file, and in force from the next start on: {Keys}")]
        public static partial void Waits(ILogger logger, string keys);
    }
}
