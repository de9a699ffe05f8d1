using System.Globalization;
using System.Net;
using System.Net.Sockets;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Shouldly;
using Sluice.Server.Processes;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Jobs.RabbitMq;

/// <summary>
/// A real RabbitMQ broker on loopback, as Debian has it, with a folder, ports and a port mapper of its own. The tests that share it are those of
/// its collection; each has queues of its own name.
/// </summary>
public sealed class Rabbit : IAsyncLifetime
{
    private const string Programs = "/usr/lib/rabbitmq/bin";
    private const string Epmd = "/usr/bin/epmd";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-rabbit-");
    private readonly int[] _ports = FreePorts(3);
    private ChildProcess? _mapper;
    private ChildProcess? _broker;

    /// <summary>Where it takes connections.</summary>
    public int Port => _ports[0];

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Programs + "/rabbitmq-server") || !File.Exists(Epmd))
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", "Not tested: needs rabbitmq-server.");
            Assert.Fail("rabbitmq-server is missing.");
        }

        await File.WriteAllTextAsync(At("plugins"), "[].");
        Directory.CreateDirectory(At("home"));
        _mapper = await RunAsync(Epmd, "-address", "127.0.0.1", "-port", Text(_ports[2]));
        (await Eventually.Holds(MapsAsync)).ShouldBeTrue(_mapper.ErrorTail); // The broker starts none of its own, which would stay behind.
        await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await (_mapper?.DisposeAsync() ?? ValueTask.CompletedTask);
        _folder.Delete(recursive: true);
    }

    /// <summary>Stops it and starts it again: what is durable is there again.</summary>
    public async Task RestartAsync()
    {
        await ControlAsync("stop");
        await _broker!.Completion;
        await StopAsync();
        await StartAsync();
    }

    /// <summary>Kills it, as a lack of memory does, and starts it again: what it confirmed is there again.</summary>
    public async Task KillAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    /// <summary>Has it believe that it has no memory left, or enough again: in the former case it confirms nothing.</summary>
    public async Task HasRoomAsync(bool hasRoom)
    {
        await ControlAsync("set_vm_memory_high_watermark", hasRoom ? "0.8" : "0.0000001");

        // It measures now and then: what is told before that is confirmed.
        var (without, with) = hasRoom ? ("ok", "again") : ("again", "ok");
        await ControlAsync("eval", $"Again = fun Again() -> timer:sleep(50), case rabbit_alarm:get_alarms() of [] -> {without}; _ -> {with} end end, "
            .Replace("again", "Again()", StringComparison.Ordinal) + "Again().");
    }

    /// <summary>Does something while it has no room, and gives it some afterwards.</summary>
    public async Task WithoutRoomAsync(Func<Task> work)
    {
        try
        {
            await HasRoomAsync(false);
            await work();
        }
        finally
        {
            await HasRoomAsync(true);
        }
    }

    private async Task ControlAsync(params string[] arguments)
    {
        await using var control = await RunAsync(Programs + "/rabbitmqctl", arguments);
        (await control.Completion).IsSuccess.ShouldBeTrue(control.ErrorTail);
    }

    /// <summary>Opens connections as its operator.</summary>
    public ConnectionFactory Factory(int? port = null) => new()
    {
        HostName = "127.0.0.1",
        Port = port ?? Port,
        AutomaticRecoveryEnabled = false,
        RequestedHeartbeat = TimeSpan.FromSeconds(10),
        RequestedConnectionTimeout = TimeSpan.FromSeconds(30),
        ContinuationTimeout = TimeSpan.FromSeconds(60),
        HandshakeContinuationTimeout = TimeSpan.FromSeconds(60),
    };

    /// <summary>Does something with it as its operator.</summary>
    public async Task AskAsync(Func<IChannel, Task> ask)
    {
        await using var connection = await Factory().CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await ask(channel);
    }

    private async Task StartAsync()
    {
        _broker = await RunAsync(Programs + "/rabbitmq-server");
        (await Eventually.Holds(async () =>
        {
            _broker.Completion.IsCompleted.ShouldBeFalse(_broker.ErrorTail);
            try
            {
                await using var connection = await Factory().CreateConnectionAsync();
                return connection.IsOpen;
            }
            catch (BrokerUnreachableException)
            {
                await Task.Delay(100);
                return false;
            }
        })).ShouldBeTrue("the broker does not answer");
    }

    private async Task<bool> MapsAsync()
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, _ports[2]);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task StopAsync()
    {
        await (_broker?.DisposeAsync() ?? ValueTask.CompletedTask);
        _broker = null;
    }

    /// <summary>Through <c>env</c>, since children learn nothing else of our environment.</summary>
    private Task<ChildProcess> RunAsync(string program, params string[] arguments) => ChildProcess.StartAsync(
        new ChildCommand
        {
            Program = "/usr/bin/env",
            Arguments =
            [
                "HOME=" + At("home"), "RABBITMQ_NODENAME=sluice-tests@localhost", "RABBITMQ_MNESIA_BASE=" + At("mnesia"), "RABBITMQ_LOG_BASE=" + At("log"),
                "RABBITMQ_ENABLED_PLUGINS_FILE=" + At("plugins"), "RABBITMQ_CONF_ENV_FILE=/dev/null", "RABBITMQ_CONFIG_FILE=" + At("none"),
                "RABBITMQ_NODE_IP_ADDRESS=127.0.0.1", "RABBITMQ_NODE_PORT=" + Text(_ports[0]), "RABBITMQ_DIST_PORT=" + Text(_ports[1]),
                "ERL_EPMD_PORT=" + Text(_ports[2]), "ERL_EPMD_ADDRESS=127.0.0.1",
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-kernel inet_dist_use_interface {127,0,0,1} -start_epmd false +S 1:1 +sbwt none",
                "RABBITMQ_CTL_ERL_ARGS=-start_epmd false",
                "RUNNING_UNDER_SYSTEMD=1", // No shell stands between: the kernel ends the broker itself when this process dies.
                program, .. arguments,
            ],
            WorkingFolder = _folder.FullName,
        },
        default);

    private string At(string name) => Path.Combine(_folder.FullName, name);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>All at once, so that they differ.</summary>
    private static int[] FreePorts(int count)
    {
        TcpListener[] listeners = [.. Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        foreach (var listener in listeners)
        {
            listener.Start();
        }

        int[] ports = [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        foreach (var listener in listeners)
        {
            listener.Stop();
        }

        return ports;
    }
}

/// <summary>Tests against <see cref="Rabbit"/>, one after the other: some of them restart it.</summary>
[CollectionDefinition(nameof(Rabbit))]
public sealed class RabbitTests : ICollectionFixture<Rabbit>;
