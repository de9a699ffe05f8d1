using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

/// <summary>
/// What the runtime calls in the program before its own start, where <c>DOTNET_STARTUP_HOOKS</c> names this assembly: adds a service to the server that fails.
/// So a test sees what the real program does when that happens, and the program has nothing for it. The runtime wants this name, without a namespace.
/// </summary>
#pragma warning disable CA1050 // See above.
public static class StartupHook
#pragma warning restore CA1050
{
    /// <summary>What the service fails with.</summary>
    public const string Reason = "something broke in the background";

    /// <summary>Called by the runtime.</summary>
    public static void Initialize() => DiagnosticListener.AllListeners.Subscribe(new Listener());

    /// <summary>Does something, and fails a moment after the server has started.</summary>
    private sealed class BrokenService(IHostApplicationLifetime lifetime) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var _ = lifetime.ApplicationStarted.Register(started.SetResult);
            await started.Task.WaitAsync(stoppingToken);
            throw new InvalidOperationException(Reason);
        }
    }

    /// <summary>The host tells here that it is being built.</summary>
    private sealed class Listener : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
    {
        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == "Microsoft.Extensions.Hosting")
            {
                value.Subscribe(this);
            }
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value is { Key: "HostBuilding", Value: IHostBuilder builder })
            {
                builder.ConfigureServices(services => services.AddHostedService<BrokenService>());
            }
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }
}
