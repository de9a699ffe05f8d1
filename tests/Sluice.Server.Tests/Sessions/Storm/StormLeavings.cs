using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Sluice.Server.Catalog;

namespace Sluice.Server.Tests.Sessions.Storm;

/// <summary>What sessions may leave behind: programs, files, rows. The server keeps nothing else, so there should be none of either.</summary>
/// <param name="data">The data folder of the server, with the scratch folder in it.</param>
/// <param name="temporary">Its TMPDIR, and no other program's: all that it starts has it too, whoever is the parent by then.</param>
internal sealed class StormLeavings(string data, string temporary)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly string[] Folders = ["media", "stage", "scratch", "torrents", "imports"];
    private static readonly string[] Tables = ["assets", "jobs", "tasks", "chunks", "imports", "channels"];

    /// <summary>The runtime's own, which outlive it when it is killed.</summary>
    private static readonly string[] OfTheRuntime = ["dotnet-diagnostic-", "clr-debug-pipe-", ".dotnet"];

    /// <summary>Programs that the server, or one before it, has started and that run.</summary>
    /// <param name="server">Its own process; null when there is none.</param>
    public StormProgram[] Programs(int? server) =>
    [
        .. from folder in Directory.EnumerateDirectories("/proc")
           let name = Path.GetFileName(folder)
           where char.IsAsciiDigit(name[0])
           let pid = int.Parse(name, CultureInfo.InvariantCulture)
           where pid != server && Read(pid, "environ").Contains($"TMPDIR={temporary}\0", StringComparison.Ordinal)
           select new StormProgram(pid, Read(pid, "cmdline").Replace('\0', ' ').Trim()),
    ];

    /// <summary>Files and folders.</summary>
    public string[] Files() =>
    [
        .. Folders.Select(folder => Path.Combine(data, folder)).Append(temporary).Where(Directory.Exists).SelectMany(Directory.EnumerateFileSystemEntries)
            .Where(path => !OfTheRuntime.Any(own => Path.GetFileName(path).StartsWith(own, StringComparison.Ordinal))),
    ];

    /// <summary>Rows of the catalog, a line for each table that has some.</summary>
    public string[] Rows()
    {
        SqliteNative.EnsureBound();
        using var connection = new SqliteConnection($"Data Source={Path.Combine(data, "catalog.db")};Pooling=False");
        connection.Open();
        return [.. Tables.Select(table => (table, Count: Count(connection, table))).Where(rows => rows.Count > 0).Select(rows => $"{rows.Count} rows of {rows.table}")];
    }

    /// <summary>All of it.</summary>
    /// <param name="server">The process of the server.</param>
    public string[] All(int? server) => [.. Programs(server).Select(p => p.ToString()), .. Files(), .. Rows()];

    /// <summary>What is left of it when what is going has had its time.</summary>
    public static async Task<string[]> WaitAsync(Func<string[]> left, TimeSpan patience)
    {
        var began = Stopwatch.GetTimestamp();
        string[] now;
        while ((now = left()).Length > 0 && Stopwatch.GetElapsedTime(began) < patience)
        {
            await Task.Delay(Pause);
        }

        return now;
    }

    private static long Count(SqliteConnection connection, string table)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT count(*) FROM {table}";
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>Empty for one that is gone, a zombie, or somebody else's.</summary>
    private static string Read(int pid, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/{file}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}

/// <summary>A program that a server has started.</summary>
/// <param name="Pid">Its process.</param>
/// <param name="CommandLine">Its command line.</param>
internal sealed record StormProgram(int Pid, string CommandLine)
{
    private const int MostCharacters = 100;

    /// <summary>It is the torrent engine, which is kept for half a minute when nobody needs it.</summary>
    public bool IsEngine => CommandLine.Contains("python", StringComparison.Ordinal);

    /// <inheritdoc />
    public override string ToString() => $"{Pid} {(CommandLine.Length > MostCharacters ? CommandLine[..MostCharacters] : CommandLine)}";
}
