using System.Globalization;

namespace Sluice.Bench.Live;

/// <summary>The program with channels in its configuration, as an operator would write them.</summary>
internal static class ChannelsServer
{
    /// <summary>Starts it with so many channels of one origin: <c>c0</c>, <c>c1</c>…</summary>
    public static async Task<SluiceServer> StartAsync(Workshop workshop, Uri playlist, int channels = 1)
    {
        var folder = workshop.NewFolder();
        var configuration = Path.Combine(folder, "sluice.yml");
        var lines = Enumerable.Range(0, channels).Select(n => string.Create(CultureInfo.InvariantCulture, $"  c{n}: {playlist}"));
        await File.WriteAllTextAsync(configuration, $"streams:\n{string.Join('\n', lines)}\n");
        return await SluiceServer.StartAsync(workshop, Path.Combine(folder, "data"), arguments: ["--config", configuration]);
    }

    /// <summary>Where a channel's endless body is.</summary>
    public static Uri Channel(this SluiceServer server, int number) =>
        new(server.Http.BaseAddress!, string.Create(CultureInfo.InvariantCulture, $"live/c{number}"));
}
