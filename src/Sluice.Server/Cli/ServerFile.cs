using System.Text.Json;

namespace Sluice.Server.Cli;

/// <summary>
/// <c>server.json</c> in the data folder: where the running server is, for commands on the same machine. It is written
/// once requests are accepted and removed at the stop; after a crash it stays, and then nothing answers there.
/// </summary>
/// <param name="Url">Such as <c>http://127.0.0.1:8000</c>.</param>
/// <param name="Pid">Process of the server.</param>
internal sealed record ServerFile(string Url, int Pid)
{
    private const string FileName = "server.json";

    /// <summary>Says that this process serves at <paramref name="url"/>.</summary>
    public static void Write(string folder, string url)
    {
        var path = PathIn(folder);
        File.WriteAllText(path + ".part", $$"""{"url":"{{url}}","pid":{{Environment.ProcessId}}}""" + "\n");
        File.Move(path + ".part", path, overwrite: true);
    }

    /// <summary>The server of this folder, or null when none has said so.</summary>
    public static ServerFile? Read(string folder)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(PathIn(folder)));
            return new ServerFile(json.RootElement.GetProperty("url").GetString()!, json.RootElement.GetProperty("pid").GetInt32());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null; // not there, or not ours
        }
    }

    /// <summary>Takes the word back.</summary>
    public static void Remove(string folder) => File.Delete(PathIn(folder));

    private static string PathIn(string folder) => Path.Combine(folder, FileName);
}
