using System.Security.Cryptography;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Live.Channels;

namespace Sluice.Server.Manage.Channels;

/// <summary>
/// Channels that people make by the API: what the catalog keeps, and what runs.
/// <code>
///   start ──▶ rows ──▶ registry                      nothing is made where there is no row
///   change ─▶ row  ──▶ registry ──▶ channel          one change at a time; what is not in the catalog does not run
/// </code>
/// </summary>
internal sealed partial class ChannelDesk(
    IChannelCatalog catalog, ChannelRegistry registry, ChannelEpochs epochs, TimeProvider clock, ILogger<ChannelDesk> logger) : IDisposable
{
    /// <summary>Channels of the API; a list of more is no list for people, and each is looked at when one changes.</summary>
    public const int Most = 1000;

    private readonly SemaphoreSlim _changing = new(1, 1);
    private volatile Dictionary<string, Kept> _kept = [];

    /// <summary>Number of channels that were made by the API, those included that stand behind one of the configuration file.</summary>
    public int Count => _kept.Count;

    /// <summary>Starts what the catalog keeps. Once, before the first request.</summary>
    public async Task LoadAsync(CancellationToken ct)
    {
        var kept = await ReadAsync(row => Log.Unreadable(logger, row), ct);
        if (kept.Count > 0)
        {
            Follow(kept);
        }
    }

    /// <summary>Follows what other servers have made of the catalog since.</summary>
    public async Task LookAsync(CancellationToken ct)
    {
        await _changing.WaitAsync(ct);
        try
        {
            var kept = await ReadAsync(static _ => { }, ct);
            if (kept.Count != _kept.Count || kept.Any(pair => _kept.GetValueOrDefault(pair.Key) != pair.Value))
            {
                Follow(kept);
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>What was made by the API under this name; null when nothing was.</summary>
    public ChannelDefinition? Find(string name) => _kept.GetValueOrDefault(name)?.Definition;

    /// <summary>Makes or changes a channel.</summary>
    /// <param name="name">A valid name.</param>
    /// <param name="make">Answers what it is to be, from what it is or from null; null changes nothing.</param>
    /// <param name="ct">Cancels it until it is written.</param>
    /// <returns>What it is now, and whether it is new; null when nothing was changed.</returns>
    public async Task<(ChannelDefinition Definition, bool IsNew)?> PutAsync(
        string name, Func<ChannelDefinition?, ChannelDefinition?> make, CancellationToken ct)
    {
        await _changing.WaitAsync(ct);
        try
        {
            var old = _kept.GetValueOrDefault(name);
            if (make(old?.Definition) is not { } made)
            {
                return null;
            }

            // A name that is given anew is another channel: tokens of the one before do not open it, nor those of the configuration file.
            var epoch = old?.Epoch ?? RandomNumberGenerator.GetInt32(1, int.MaxValue);
            await WriteAsync(made with { Name = name, Origin = ChannelOrigin.Api }, epoch, ct);
            return (_kept[name].Definition, old is null);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Removes a channel that was made by the API; false when there is none.</summary>
    public async Task<bool> RemoveAsync(string name, CancellationToken ct)
    {
        await _changing.WaitAsync(ct);
        try
        {
            if (!await catalog.RemoveChannelAsync(name, ct))
            {
                return false;
            }

            epochs.Remove(name);
            Apply(_kept.Where(pair => pair.Key != name).ToDictionary(StringComparer.Ordinal));
            return true;
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Makes all playback tokens of a channel invalid that were given out until now; false when it was not made by the API.</summary>
    public async Task<bool> RevokeAsync(string name, CancellationToken ct)
    {
        await _changing.WaitAsync(ct);
        try
        {
            if (_kept.GetValueOrDefault(name) is not { } old)
            {
                return false;
            }

            await WriteAsync(old.Definition, old.Epoch == int.MaxValue ? 1 : old.Epoch + 1, ct);
            return true;
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _changing.Dispose();

    private async Task<Dictionary<string, Kept>> ReadAsync(Action<string> unreadable, CancellationToken ct)
    {
        var kept = new Dictionary<string, Kept>(StringComparer.Ordinal);
        foreach (var row in await catalog.ListChannelsAsync(ct))
        {
            if (ChannelSettings.Read(row.Name, row.Settings) is { } definition)
            {
                kept[row.Name] = new Kept(definition, row.Epoch);
            }
            else
            {
                unreadable(row.Name);
            }
        }

        return kept;
    }

    /// <summary>Tokens first: none of a channel that was there before opens one that has its name now.</summary>
    private void Follow(Dictionary<string, Kept> kept)
    {
        foreach (var gone in _kept.Keys.Where(name => !kept.ContainsKey(name)))
        {
            epochs.Remove(gone);
        }

        foreach (var (name, now) in kept)
        {
            epochs.Set(name, now.Epoch);
        }

        Apply(kept);
    }

    private async Task WriteAsync(ChannelDefinition definition, int epoch, CancellationToken ct)
    {
        var (now, settings) = (clock.GetUtcNow(), ChannelSettings.Write(definition));
        await catalog.PutChannelAsync(
            definition.Name, row => new ChannelRow(definition.Name, settings, epoch, row?.CreatedAt ?? now, now), ct);
        epochs.Set(definition.Name, epoch);
        Apply(new Dictionary<string, Kept>(_kept, StringComparer.Ordinal) { [definition.Name] = new Kept(definition, epoch) });
    }

    private void Apply(Dictionary<string, Kept> kept)
    {
        _kept = kept;
        registry.Apply(ChannelOrigin.Api, [.. kept.Values.Select(k => k.Definition)]);
    }

    private sealed record Kept(ChannelDefinition Definition, int Epoch);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "The channel {Channel} in the catalog cannot be read and is left out; a newer Sluice may have made it")]
        public static partial void Unreadable(ILogger logger, string channel);
    }
}
