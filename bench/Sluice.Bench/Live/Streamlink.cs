using System.Diagnostics;
using System.Globalization;

namespace Sluice.Bench.Live;

/// <summary>Debian's streamlink, which does the same for one viewer.</summary>
internal static class Streamlink
{
    /// <summary>As a server on loopback, which stays for the next viewer.</summary>
    public static async Task<(Process Process, Uri Address)> ServeAsync(Uri playlist)
    {
        var port = SluiceServer.FreePort();
        var process = Tool.Start("streamlink",
            ["--player-external-http", "--player-external-http-port", port.ToString(CultureInfo.InvariantCulture), $"hls://{playlist}", "best"]);
        process.BeginErrorReadLine();
        while (await process.StandardOutput.ReadLineAsync() is { } line && !line.Contains("access with one of", StringComparison.OrdinalIgnoreCase))
        {
            if (line.Contains("error", StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"streamlink: {line}");
            }
        }

        _ = process.StandardOutput.ReadToEndAsync(); // What it says goes nowhere, but must go.
        return (process, new Uri($"http://127.0.0.1:{port}/"));
    }

    /// <summary>Into a pipe.</summary>
    public static Process Pipe(Uri playlist) => Tool.Start("streamlink", ["--stdout", $"hls://{playlist}", "best"]);

    /// <summary>What apt-get installs it as.</summary>
    public static async Task<string> VersionAsync() => (await Tool.RunAsync("streamlink", ["--version"])).Trim();
}
