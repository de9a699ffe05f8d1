using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Sluice.Server.Tests.Cli;
using Sluice.Server.Tests.Sessions.Storm;

namespace Sluice.Server.Tests.Sessions;

/// <summary>The program, with a folder for all that it writes, killed and started again at the same port.</summary>
internal sealed class KillableServer : IStormServer, IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-storm-");
    private readonly int _port = NewPort();
    private readonly Dictionary<string, string> _environment = [];
    private readonly string _data;
    private readonly string _temporary;
    private SluiceProcess? _process;

    /// <param name="configuration">What stands in <c>sluice.yml</c>.</param>
    /// <param name="certificates">File of the certificates that it believes; those of the system when null.</param>
    public KillableServer(string configuration, string? certificates = null)
    {
        (_data, _temporary) = (Path.Combine(_folder.FullName, "data"), _folder.CreateSubdirectory("temporary").FullName);
        _environment["TMPDIR"] = _temporary;
        if (certificates is not null)
        {
            _environment["SSL_CERT_FILE"] = certificates;
        }

        Leavings = new StormLeavings(_data, _temporary);
        File.WriteAllText(Path.Combine(_folder.FullName, "sluice.yml"), configuration);
    }

    /// <summary>What it leaves.</summary>
    public StormLeavings Leavings { get; }

    /// <summary>Where it answers.</summary>
    public Uri Home => new($"http://127.0.0.1:{_port}/");

    /// <inheritdoc />
    public int Pid => _process?.Id ?? 0;

    /// <summary>What it printed since it was started last.</summary>
    public string Said => _process?.Output + _process?.Errors;

    /// <inheritdoc />
    public async Task StartAsync()
    {
        _process = SluiceProcess.Start(
            ["serve", "-c", "sluice.yml", "--port", _port.ToString(CultureInfo.InvariantCulture), "--data", _data],
            _environment, _folder.FullName);
        await _process.UrlAsync(_data);
    }

    /// <inheritdoc />
    public async Task KillAsync()
    {
        await using var killed = _process!;
        _process = null;
        await killed.SignalAsync("KILL");
        await killed.ExitAsync();
        File.Delete(Path.Combine(_data, "server.json")); // By which it is seen that the next one answers.
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await (_process?.DisposeAsync() ?? ValueTask.CompletedTask);
        _folder.Delete(recursive: true);
    }

    /// <summary>A port that is free, and is given to nobody who asks for any while the server is not there.</summary>
    private static int NewPort()
    {
        while (true)
        {
            var port = Random.Shared.Next(10_000, 30_000);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }
    }
}
