using System.Runtime.InteropServices;

namespace Sluice.Server.Hosting.Tls;

/// <summary>
/// Looks whether the certificate was renewed: now and then, and at once after SIGHUP. Its two files change one after the other, so a pair that does not
/// fit is worth a word only when it stays so.
/// </summary>
internal sealed partial class CertificateWatcher(ServerCertificate certificate, TimeProvider clock, ILogger<CertificateWatcher> logger) : BackgroundService
{
    /// <summary>Time between two looks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    /// <summary>Programs that renew do so a month before the end.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromDays(14);

    private readonly Lock _gate = new();
    private string? _before;
    private string? _said;

    /// <summary>Looks.</summary>
    public void Look()
    {
        // SIGHUP comes on a thread of its own.
        lock (_gate)
        {
            var problem = certificate.Look(out var isNew);
            if (isNew)
            {
                Log.Renewed(logger, certificate.EndsAt);
                SayIfLate();
            }

            if (problem is not null && problem == _before && problem != _said)
            {
                Log.Refused(logger, problem);
                _said = problem;
            }

            (_before, _said) = (problem, problem is null ? null : _said);
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var signal = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true; // Or it would end the process.
            Look();
        });
        SayIfLate();
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Interval, clock, stoppingToken);
            Look();
        }
    }

    private void SayIfLate()
    {
        if (certificate.EndsAt - clock.GetUtcNow() < Late)
        {
            Log.EndsSoon(logger, certificate.EndsAt);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "The certificate was renewed; it is good until {EndsAt:u}")]
        public static partial void Renewed(ILogger logger, DateTimeOffset endsAt);

        [LoggerMessage(Level = LogLevel.Warning, Message = "The certificate was changed and cannot be used; the one before stays. {Problem}")]
        public static partial void Refused(ILogger logger, string problem);

        [LoggerMessage(Level = LogLevel.Warning, Message = "The certificate is good until {EndsAt:u} only")]
        public static partial void EndsSoon(ILogger logger, DateTimeOffset endsAt);
    }
}
