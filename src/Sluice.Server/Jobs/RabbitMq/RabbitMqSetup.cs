using System.Runtime.CompilerServices;
using RabbitMQ.Client;
using Sluice.Server.Hosting;

namespace Sluice.Server.Jobs.RabbitMq;

/// <summary>Puts the queue over a broker together. Nobody else names the library, so that it is loaded only where a broker is configured.</summary>
internal static class RabbitMqSetup
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(10);

    /// <summary>Adds the queue.</summary>
    /// <param name="services">The server's.</param>
    /// <param name="options">Where the broker is.</param>
    /// <param name="node">Names this process at the broker.</param>
    /// <param name="lanes">Of this process; null when it does no work.</param>
    /// <exception cref="SetupException">The configuration is not complete.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void AddRabbitMq(this IServiceCollection services, QueueOptions options, string node, LaneCounts? lanes)
    {
        var factory = FactoryOf(options);
        services.AddSingleton(provider => Open(
            factory, new BrokerQueues(options.Prefix), node, lanes, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<RabbitMqQueue>>()));
        services.AddSingleton<IJobQueue>(provider => provider.GetRequiredService<RabbitMqQueue>());
        services.AddSingleton<IBroker>(provider => provider.GetRequiredService<RabbitMqQueue>());
        services.AddHostedService(provider => provider.GetRequiredService<RabbitMqQueue>());
        services.AddHostedService<WorkSweeper>();
    }

    /// <summary>The queue; nothing is connected yet.</summary>
    internal static RabbitMqQueue Open(
        ConnectionFactory factory, BrokerQueues queues, string node, LaneCounts? lanes, TimeProvider clock, ILogger<RabbitMqQueue> logger)
    {
        var room = new WaitingRoom(clock);
        return new RabbitMqQueue(
            new BrokerPublisher(new BrokerLink(factory, $"announcing, {node}", room.WakeAll, clock, logger), queues, node, clock),
            lanes is null ? null : new BrokerConsumer(new BrokerLink(factory, $"working, {node}", room.WakeAll, clock, logger), queues, lanes, room, clock, logger),
            new DeadLetterReader(queues), queues, room);
    }

    /// <summary>Connects once and makes the queues; answers which broker it is, or why that is not possible.</summary>
    /// <exception cref="SetupException">The configuration is not complete.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static async Task<(string? Broker, string? Trouble)> TryAsync(QueueOptions options, CancellationToken ct)
    {
        var factory = FactoryOf(options);
        try
        {
            await using var connection = await factory.CreateConnectionAsync("sluice doctor", ct);
            await using var channel = await connection.CreateChannelAsync(cancellationToken: ct);
            await new BrokerQueues(options.Prefix).DeclareAsync(channel, ct);
            return ($"{BrokerMessage.TextOf(connection.ServerProperties, "product")} {BrokerMessage.TextOf(connection.ServerProperties, "version")}", null);
        }
        catch (Exception e) when (BrokerFaults.Is(e) && !ct.IsCancellationRequested)
        {
            return (null, BrokerFaults.Of(e));
        }
    }

    /// <summary>Opens connections as configured.</summary>
    /// <exception cref="SetupException">The configuration is not complete.</exception>
    internal static ConnectionFactory FactoryOf(QueueOptions options)
    {
        if (options.Url is null || !BrokerAddress.TryParse(options.Url, out var address))
        {
            throw new SetupException($"queue.url must be {BrokerAddress.Rule}.");
        }

        return new ConnectionFactory
        {
            HostName = address.Host,
            Port = address.Port,
            VirtualHost = address.VirtualHost,
            UserName = address.User,
            Password = address.PasswordOf(options),
            Ssl = new SslOption(address.Host, enabled: address.IsSecure),
            AutomaticRecoveryEnabled = false, // BrokerLink says why.
            TopologyRecoveryEnabled = false,
            RequestedHeartbeat = Heartbeat,
            RequestedConnectionTimeout = ConnectTime,
            ContinuationTimeout = ConnectTime,
        };
    }
}
