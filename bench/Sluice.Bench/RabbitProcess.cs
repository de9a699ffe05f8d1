using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sluice.Bench;

/// <summary>A RabbitMQ broker of the bench's own, as Debian has it, with a folder, ports and a port mapper of its own, and one user as the operations guide has it.</summary>
internal sealed class RabbitProcess : IAsyncDisposable
{
    private const string Programs = "/usr/lib/rabbitmq/bin";
    private const string User = "sluice";
    private const string Password = "benchmarks";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly string _host;
    private readonly int[] _ports = FreePorts(3);
    private readonly (string, string)[] _environment;
    private Process? _mapper;
    private Process? _broker;

    private RabbitProcess(string folder, string host)
    {
        _host = host;
        _environment =
        [
            ("HOME", Path.Combine(folder, "home")), ("RABBITMQ_NODENAME", "sluice-bench@localhost"), ("RABBITMQ_MNESIA_BASE", Path.Combine(folder, "mnesia")),
            ("RABBITMQ_LOG_BASE", Path.Combine(folder, "log")), ("RABBITMQ_ENABLED_PLUGINS_FILE", Path.Combine(folder, "plugins")),
            ("RABBITMQ_CONF_ENV_FILE", "/dev/null"), ("RABBITMQ_CONFIG_FILE", Path.Combine(folder, "none")), ("RABBITMQ_NODE_IP_ADDRESS", host),
            ("RABBITMQ_NODE_PORT", Text(_ports[0])), ("RABBITMQ_DIST_PORT", Text(_ports[1])), ("ERL_EPMD_PORT", Text(_ports[2])), ("ERL_EPMD_ADDRESS", "127.0.0.1"),
            ("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1} -start_epmd false +S 1:1 +sbwt none"),
            ("RABBITMQ_CTL_ERL_ARGS", "-start_epmd false"), ("RUNNING_UNDER_SYSTEMD", "1"), // No shell stands between: its process is the broker's.
        ];
    }

    /// <summary>What a node that shall use it is told.</summary>
    public IEnumerable<(string Name, string Value)> Settings => [("SLUICE__QUEUE__URL", $"amqp://{User}@{_host}:{_ports[0]}/"), ("SLUICE__QUEUE__PASSWORD", Password)];

    /// <summary>Its process.</summary>
    public int Pid => _broker!.Id;

    /// <summary>Starts one in this folder and makes the user.</summary>
    /// <param name="folder">An empty folder of its own.</param>
    /// <param name="host">Address of this machine at which it takes connections.</param>
    public static async Task<RabbitProcess> StartAsync(string folder, string host = "127.0.0.1")
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "plugins"), "[].");
        Directory.CreateDirectory(Path.Combine(folder, "home"));
        var broker = new RabbitProcess(folder, host);
        try
        {
            broker._mapper = broker.Run("epmd", "-address", "127.0.0.1", "-port", Text(broker._ports[2])); // Before the broker, whose own would stay behind.
            await ListensAsync(broker._mapper, "127.0.0.1", broker._ports[2]);
            await broker.StartAsync();
            await broker.ControlAsync("add_user", User, Password);
            await broker.ControlAsync("set_permissions", User, @"^sluice\.", @"^(amq\.default|sluice\.)", @"^sluice\.");
            return broker;
        }
        catch
        {
            await broker.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends it, as its operator or as a lack of memory does (SIGKILL), and starts it again.</summary>
    public async Task RestartAsync(bool asCrash)
    {
        await EndAsync(asCrash ? "-KILL" : "-TERM");
        await StartAsync();
    }

    /// <summary>Messages in each queue.</summary>
    public async Task<IReadOnlyDictionary<string, int>> DepthsAsync() =>
        (await ControlAsync("--quiet", "list_queues", "--no-table-headers", "name", "messages")).Split('\n')
        .Select(line => line.Split('\t')).Where(words => words.Length == 2)
        .ToDictionary(words => words[0], words => int.Parse(words[1], CultureInfo.InvariantCulture), StringComparer.Ordinal);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
        {
            await EndAsync("-TERM");
            _broker.Dispose();
        }

        if (_mapper is not null)
        {
            _mapper.Kill();
            await _mapper.WaitForExitAsync();
            _mapper.Dispose();
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private async Task StartAsync()
    {
        _broker = Run(Programs + "/rabbitmq-server");
        await ListensAsync(_broker, _host, _ports[0]);
    }

    private async Task EndAsync(string signal)
    {
        if (!_broker!.HasExited)
        {
            await Tool.RunAsync("kill", [signal, Text(_broker.Id)]);
            await _broker.WaitForExitAsync();
        }
    }

    private async Task<string> ControlAsync(params string[] arguments)
    {
        using var control = Tool.Start(Programs + "/rabbitmqctl", arguments, _environment);
        var errors = control.StandardError.ReadToEndAsync();
        var output = await control.StandardOutput.ReadToEndAsync();
        await control.WaitForExitAsync();
        return control.ExitCode == 0 ? output : throw new InvalidOperationException($"rabbitmqctl ended with {control.ExitCode}: {await errors}");
    }

    private Process Run(string program, params string[] arguments)
    {
        var process = Tool.Start(program, arguments, _environment);
        process.OutputDataReceived += static (_, _) => { }; // Taken, so that it never waits for us.
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static async Task ListensAsync(Process process, string host, int port)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(host, port);
                return;
            }
            catch (SocketException) when (!process.HasExited && Stopwatch.GetElapsedTime(began) < Limit)
            {
                await Task.Delay(100);
            }
        }
    }

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
