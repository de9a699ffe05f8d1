using System.Globalization;
using Sluice.Server.Tests.Sessions.Storm;

namespace Sluice.Bench.Storm;

/// <summary>The published program, that is killed and started again at the same place.</summary>
internal sealed class StormServer : IStormServer, IAsyncDisposable
{
    private readonly Workshop _workshop;
    private readonly string _data;
    private readonly string _temporary;
    private readonly string _configuration;
    private readonly int _port = SluiceServer.FreePort();
    private SluiceServer? _server;

    /// <param name="workshop">Where the program is.</param>
    /// <param name="most">Sessions at the same time.</param>
    /// <param name="scratchBytes">What they keep together.</param>
    public StormServer(Workshop workshop, int most, long scratchBytes)
    {
        _workshop = workshop;
        var folder = workshop.NewFolder();
        (_data, _configuration) = (Path.Combine(folder, "data"), Path.Combine(folder, "sluice.yml"));
        _temporary = Directory.CreateDirectory(Path.Combine(folder, "temporary")).FullName;
        Leavings = new StormLeavings(_data, _temporary);
        File.WriteAllText(_configuration, string.Create(CultureInfo.InvariantCulture, $"""
            outbound:
              allow: ["127.0.0.0/8"]
            ingest:
              resolvers: false
            sessions:
              most: {most}
              scratchBytes: {scratchBytes}
            """));
    }

    /// <summary>What it leaves.</summary>
    public StormLeavings Leavings { get; }

    /// <summary>Where it answers.</summary>
    public Uri Home => new($"http://127.0.0.1:{_port}/");

    /// <inheritdoc />
    public int Pid => _server?.Pid ?? 0;

    /// <inheritdoc />
    public async Task StartAsync() =>
        _server = await SluiceServer.StartAsync(_workshop, _data, [("TMPDIR", _temporary)], ["--config", _configuration], _port);

    /// <inheritdoc />
    public async Task KillAsync()
    {
        var killed = _server!;
        _server = null;
        await killed.KillAsync();
        await killed.DisposeAsync();
    }

    /// <summary>Asks it to end, as service managers do.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_server is { } running)
        {
            _server = null;
            await running.DisposeAsync();
        }
    }
}
