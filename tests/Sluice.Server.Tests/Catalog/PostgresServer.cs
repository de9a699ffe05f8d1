using System.Diagnostics;
using Npgsql;
using Shouldly;
using Sluice.Server.Catalog.Postgres;
using Sluice.Server.Tests.Support;
using Sluice.Server.Tests.Torrents;
using Xunit;

[assembly: AssemblyFixture(typeof(Sluice.Server.Tests.Catalog.PostgresServers))]

namespace Sluice.Server.Tests.Catalog;

/// <summary>The server that tests share, each with a database of its own. It starts when the first of them asks, and ends after the last.</summary>
public sealed class PostgresServers : IAsyncLifetime
{
    private readonly Lazy<Task<PostgresServer>> _shared = new(() => PostgresServer.StartAsync());

    internal Task<PostgresServer> SharedAsync()
    {
        PostgresServer.Require();
        return _shared.Value;
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_shared.IsValueCreated)
        {
            await (await _shared.Value).DisposeAsync();
        }
    }
}

/// <summary>A real PostgreSQL server on loopback, its data in a temporary folder. It asks for a password.</summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    public const string Password = "a secret of tests";
    private const string User = "sluice";

    /// <summary>What is written is gone with the machine, and not with the process: tests end processes only.</summary>
    private static readonly string[] Settings = ["fsync=off", "full_page_writes=off", "max_connections=400", "shared_buffers=32MB", "unix_socket_directories="];

    // It does not run as root. Closing its input ends it, so that it goes when this process is killed.
    private const string Watch = """
        trap '' INT
        "$@" &
        server=$!
        cat >/dev/null
        kill -INT $server 2>/dev/null
        wait $server
        """;

    private readonly string _folder;
    private readonly List<string> _log = [];
    private Process? _process;

    private PostgresServer(string folder) => _folder = folder;

    public int Port { get; private set; }

    private string Data => Path.Combine(_folder, "data");

    private static string? Programs { get; } = ((string[])[.. Installed(), "/usr/local/bin", "/usr/bin"]).FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")));

    /// <summary>Skips a test where there is no PostgreSQL; the whole suite must not.</summary>
    public static void Require()
    {
        if (Programs is null)
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", "Not tested: needs PostgreSQL (apt-get install postgresql).");
            Assert.Fail("PostgreSQL is missing (apt-get install postgresql).");
        }
    }

    /// <summary>One that answers, without databases of ours.</summary>
    public static async Task<PostgresServer> StartAsync()
    {
        Require();
        var server = new PostgresServer(Directory.CreateTempSubdirectory("sluice-postgres-").FullName);
        var password = Path.Combine(server._folder, "password");
        await File.WriteAllTextAsync(password, Password);
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync("chown", "-R", "postgres:", server._folder);
        }

        await RunAsync([.. AsUser(), Path.Combine(Programs!, "initdb"), "-D", server.Data, "-U", User, "--auth=scram-sha-256", $"--pwfile={password}", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"]);
        for (var tries = 0; tries < 5; tries++)
        {
            server.Port = Swarm.FreePort();
            if (await server.StartAgainAsync())
            {
                return server;
            }
        }

        throw new InvalidOperationException(server.Log());
    }

    /// <summary>Starts it at the same port; false when it ends at once.</summary>
    public async Task<bool> StartAgainAsync()
    {
        await CloseAsync();
        string[] command =
        [
            "-c", Watch, "sh", .. AsUser(), Path.Combine(Programs!, "postgres"), "-D", Data, "-p", $"{Port}", "-c", "listen_addresses=127.0.0.1",
            .. Settings.SelectMany(setting => (string[])["-c", setting]),
        ];
        _process = Process.Start(new ProcessStartInfo("/bin/sh", command)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = "/",
        })!;
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        _process.OutputDataReceived += (_, line) => Note(line.Data);
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        return await Eventually.Holds(async () => await AnswersAsync() || Log().Contains("could not bind", StringComparison.Ordinal)) && await AnswersAsync();
    }

    /// <summary>Ends it as a crash does: nothing is written, every connection is cut.</summary>
    public async Task CrashAsync()
    {
        var id = int.Parse(File.ReadLines(Path.Combine(Data, "postmaster.pid")).First());
        await RunAsync("kill", "-QUIT", $"{id}");
        (await Eventually.Holds(() => !Processes.Shell.IsAlive(id))).ShouldBeTrue("it is still there");
    }

    public async Task<string> NewDatabaseAsync()
    {
        var name = $"t_{Guid.NewGuid():n}";
        await RunAsync("postgres", $"CREATE DATABASE {name}");
        return name;
    }

    public async Task DropAsync(string database) => await RunAsync("postgres", $"DROP DATABASE IF EXISTS {database} WITH (FORCE)");

    /// <summary>As an operator writes it.</summary>
    /// <param name="database">Which.</param>
    /// <param name="port">What stands before the server; null for nothing.</param>
    public string UrlOf(string database, int? port = null) => $"postgres://{User}@127.0.0.1:{port ?? Port}/{database}";

    public PostgresAddress AddressOf(string database, int? port = null) =>
        PostgresAddress.TryParse(UrlOf(database, port), Password, out var address) ? address : throw new InvalidOperationException();

    /// <summary>Runs a statement; answers its first value.</summary>
    public async Task<object?> RunAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(AddressOf(database).ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
#pragma warning disable CA2100 // A test's own statements.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 90 };
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private void Note(string? line)
    {
        lock (_log)
        {
            _log.Add(line ?? "");
        }
    }

    private string Log()
    {
        lock (_log)
        {
            return string.Join('\n', _log);
        }
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            await RunAsync("postgres", "SELECT 1");
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private async Task CloseAsync()
    {
        if (_process is { } process)
        {
            process.StandardInput.Close();
            await process.WaitForExitAsync();
            process.Dispose();
            _process = null;
            lock (_log)
            {
                _log.Clear();
            }
        }
    }

    private static IEnumerable<string> Installed() => Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).Select(version => Path.Combine(version, "bin"))
        : [];

    private static string[] AsUser() => Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : [];

    private static async Task RunAsync(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = "/",
        })!;
        var said = await process.StandardError.ReadToEndAsync() + await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, said);
    }
}
