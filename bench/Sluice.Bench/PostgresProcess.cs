using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Sluice.Bench;

/// <summary>A PostgreSQL server of the bench's own on loopback, as Debian installs it but for the memory that it shares: with flushes to the disk.</summary>
internal sealed class PostgresProcess : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private PostgresProcess(Process process, int port) => (_process, Url) = (process, $"postgres://sluice@127.0.0.1:{port}/postgres");

    /// <summary>Where it is.</summary>
    public string Url { get; }

    /// <summary>Makes a server in this folder and waits until it answers.</summary>
    public static async Task<PostgresProcess> StartAsync(string folder)
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
        var port = FreePort();
        string[] command =
            [.. user, programs + "postgres", "-D", data, "-p", $"{port}", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "shared_buffers=512MB"];
        var server = new PostgresProcess(Tool.Start(command[0], command[1..]), port);
        var began = Stopwatch.GetTimestamp();
        while (!await server.AnswersAsync(port))
        {
            if (Stopwatch.GetElapsedTime(began) > Limit)
            {
                await server.DisposeAsync();
                throw new InvalidOperationException("PostgreSQL does not answer.");
            }

            await Task.Delay(100);
        }

        return server;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await Tool.RunAsync("kill", ["-INT", $"{_process.Id}"]);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static async Task RunAsync(string[] command) => await Tool.RunAsync(command[0], command[1..]);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task<bool> AnswersAsync(int port)
    {
        try
        {
            await using var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={port};Username=sluice;Database=postgres;Pooling=false");
            await connection.OpenAsync();
            return true;
        }
        catch (NpgsqlException) when (!_process.HasExited)
        {
            return false;
        }
    }
}
