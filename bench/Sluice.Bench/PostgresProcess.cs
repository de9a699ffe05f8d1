using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Sluice.Bench;

/// <summary>A PostgreSQL server of the bench's own, as Debian installs it but for the memory that it shares: with flushes to the disk.</summary>
internal sealed class PostgresProcess : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly string[] _command;
    private readonly string _host;
    private readonly int _port;
    private Process _process;

    private PostgresProcess(string[] command, string host, int port) => (_command, _host, _port, _process) = (command, host, port, Started(command));

    /// <summary>Where it is.</summary>
    public string Url => $"postgres://sluice@{_host}:{_port}/postgres";

    /// <summary>The same for a client of ours.</summary>
    public string ConnectionString => $"Host={_host};Port={_port};Username=sluice;Database=postgres;Pooling=false";

    /// <summary>Its first process.</summary>
    public int Pid => _process.Id;

    /// <summary>Makes a server in this folder and waits until it answers.</summary>
    /// <param name="folder">An empty folder of its own.</param>
    /// <param name="host">Address of this machine at which it listens.</param>
    /// <param name="network">Whoever comes from there is let in, besides loopback.</param>
    public static async Task<PostgresProcess> StartAsync(string folder, string host = "127.0.0.1", string? network = null)
    {
        var programs = Directory.GetDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Last() + "/bin/";
        string[] user = Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : [];
        if (Environment.IsPrivilegedProcess)
        {
            await Tool.RunAsync("chown", ["postgres:", folder]);
            await Tool.RunAsync("chmod", ["a+x", Path.GetDirectoryName(folder)!]);
        }

        var data = Path.Combine(folder, "data");
        await RunAsync([.. user, programs + "initdb", "-D", data, "-U", "sluice", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8"]);
        if (network is not null)
        {
            await File.AppendAllTextAsync(Path.Combine(data, "pg_hba.conf"), $"host all all {network} trust\n");
        }

        var port = FreePort();
        var server = new PostgresProcess(
            [.. user, programs + "postgres", "-D", data, "-p", $"{port}", "-c", $"listen_addresses={host}", "-c", "unix_socket_directories=", "-c", "shared_buffers=512MB"],
            host, port);
        await server.ReadyAsync();
        return server;
    }

    /// <summary>Ends it, with a flush of all (SIGINT) or as a crash does (SIGQUIT), and starts it again.</summary>
    public async Task RestartAsync(bool asCrash)
    {
        await EndAsync(asCrash ? "-QUIT" : "-INT");
        _process = Started(_command);
        await ReadyAsync();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await EndAsync("-INT");
        _process.Dispose();
    }

    private static async Task RunAsync(string[] command) => await Tool.RunAsync(command[0], command[1..]);

    private static Process Started(string[] command)
    {
        var process = Tool.Start(command[0], command[1..]);
        process.OutputDataReceived += static (_, _) => { }; // Taken, so that it never waits for us.
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task EndAsync(string signal)
    {
        if (!_process.HasExited)
        {
            await Tool.RunAsync("kill", [signal, $"{_process.Id}"]);
            await _process.WaitForExitAsync();
        }
    }

    private async Task ReadyAsync()
    {
        var began = Stopwatch.GetTimestamp();
        while (!await AnswersAsync())
        {
            if (Stopwatch.GetElapsedTime(began) > Limit)
            {
                await DisposeAsync();
                throw new InvalidOperationException("PostgreSQL does not answer.");
            }

            await Task.Delay(100);
        }
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            await using var connection = new NpgsqlConnection(ConnectionString);
            await connection.OpenAsync();
            return true;
        }
        catch (NpgsqlException) when (!_process.HasExited)
        {
            return false;
        }
    }
}
