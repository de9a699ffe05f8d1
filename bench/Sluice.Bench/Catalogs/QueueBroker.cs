using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Sluice.Bench.Catalogs;

/// <summary>A RabbitMQ broker of the bench's own on loopback, as Debian installs it, with a folder, ports and a port mapper of its own.</summary>
internal sealed class QueueBroker : IAsyncDisposable
{
    private const string Programs = "/usr/lib/rabbitmq/bin";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private readonly string _folder;
    private readonly int[] _ports = [FreePort(), FreePort(), FreePort()];
    private Process? _mapper;
    private Process? _broker;

    private QueueBroker(string folder) => _folder = folder;

    /// <summary>Opens connections to it.</summary>
    public ConnectionFactory Factory => new() { HostName = "127.0.0.1", Port = _ports[0], AutomaticRecoveryEnabled = false };

    /// <summary>Makes a broker in this folder and waits until it answers.</summary>
    public static async Task<QueueBroker> StartAsync(string folder)
    {
        var rabbit = new QueueBroker(folder);
        Directory.CreateDirectory(Path.Combine(folder, "home"));
        await File.WriteAllTextAsync(Path.Combine(folder, "plugins"), "[].");
        rabbit._mapper = rabbit.Run("/usr/bin/epmd", "-address", "127.0.0.1", "-port", Text(rabbit._ports[2]));
        rabbit._broker = rabbit.Run(Programs + "/rabbitmq-server");
        var began = Stopwatch.GetTimestamp();
        while (!await rabbit.AnswersAsync())
        {
            if (Stopwatch.GetElapsedTime(began) > Limit)
            {
                await rabbit.DisposeAsync();
                throw new InvalidOperationException("RabbitMQ does not answer.");
            }

            await Task.Delay(200);
        }

        return rabbit;
    }

    /// <summary>Removes what lies in a queue, as an operator may.</summary>
    public async Task<uint> PurgeAsync(string queue)
    {
        await using var connection = await Factory.CreateConnectionAsync(CancellationToken.None);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: CancellationToken.None);
        return await channel.QueuePurgeAsync(queue, CancellationToken.None);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var process in (Process?[])[_broker, _mapper])
        {
            if (process is { HasExited: false })
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync();
            }

            process?.Dispose();
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private string At(string name) => Path.Combine(_folder, name);

    private Process Run(string program, params string[] arguments)
    {
        var process = Tool.Start(program, arguments,
        [
            ("HOME", At("home")), ("RABBITMQ_NODENAME", "sluice-bench@localhost"), ("RABBITMQ_MNESIA_BASE", At("mnesia")), ("RABBITMQ_LOG_BASE", At("log")),
            ("RABBITMQ_ENABLED_PLUGINS_FILE", At("plugins")), ("RABBITMQ_CONF_ENV_FILE", "/dev/null"), ("RABBITMQ_CONFIG_FILE", At("none")),
            ("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1"), ("RABBITMQ_NODE_PORT", Text(_ports[0])), ("RABBITMQ_DIST_PORT", Text(_ports[1])),
            ("ERL_EPMD_PORT", Text(_ports[2])), ("ERL_EPMD_ADDRESS", "127.0.0.1"),
            ("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1} -start_epmd false"), ("RUNNING_UNDER_SYSTEMD", "1"),
        ]);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            await using var connection = await Factory.CreateConnectionAsync(CancellationToken.None);
            return connection.IsOpen;
        }
        catch (BrokerUnreachableException) when (_broker is { HasExited: false })
        {
            return false;
        }
    }
}
