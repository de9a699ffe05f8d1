using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace Sluice.Server.Live.Channels;

/// <summary>
/// All channels, from the configuration, by API and of sessions. Who takes a list of one origin takes all of that origin; what did not change is not touched, and a
/// name of the configuration hides the same one of the API.
/// </summary>
internal sealed class ChannelRegistry : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly ChannelTools _tools;
    private readonly ViewerRoom _room;
    private readonly Dictionary<ChannelOrigin, IReadOnlyCollection<ChannelDefinition>> _wanted = [];
    private readonly List<Task> _ending = [];
    private FrozenDictionary<string, Channel> _channels = FrozenDictionary<string, Channel>.Empty;
    private IReadOnlyList<Channel> _all = [];
    private bool _isClosed;

    /// <param name="tools">What channels work with.</param>
    public ChannelRegistry(ChannelTools tools) => (_tools, _room) = (tools, new ViewerRoom(tools.MostViewers, Watching));

    /// <summary>By name, those of sessions left out.</summary>
    public IReadOnlyList<Channel> All => Volatile.Read(ref _all);

    /// <summary>Finds one.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out Channel? channel) => Volatile.Read(ref _channels).TryGetValue(name, out channel);

    /// <summary>These, and no others, are the channels of one origin. What became another, was switched off or is gone comes to an end for its viewers.</summary>
    /// <param name="origin">Whose word it is.</param>
    /// <param name="definitions">All of that origin, each name once.</param>
    public void Apply(ChannelOrigin origin, IReadOnlyCollection<ChannelDefinition> definitions)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            _wanted[origin] = definitions;
            var wanted = new Dictionary<string, ChannelDefinition>(StringComparer.Ordinal);
            foreach (var definition in Enum.GetValues<ChannelOrigin>().SelectMany(o => _wanted.GetValueOrDefault(o, [])))
            {
                wanted.TryAdd(definition.Name, definition);
            }

            var before = _channels;
            var after = wanted.Values
                .Select(d => before.TryGetValue(d.Name, out var same) && same.TryChange(d) ? same : new Channel(d, _tools, same?.Used ?? default, _room))
                .ToList();
            Publish(after);
            _ending.RemoveAll(static task => task.IsCompleted);
            _ending.AddRange(before.Values.Except(after).Select(static gone => gone.DisposeAsync().AsTask()));
        }
    }

    /// <summary>Ends all channels for good: whoever comes afterwards is told that they are off.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] ending;
        lock (_gate)
        {
            _isClosed = true;
            ending = [.. _ending, .. _channels.Values.Select(static channel => channel.DisposeAsync().AsTask())];
        }

        await Task.WhenAll(ending);
    }

    /// <summary>Viewers of all channels, those of sessions too.</summary>
    private int Watching() => Volatile.Read(ref _channels).Values.Sum(static channel => channel.Watching);

    private void Publish(List<Channel> channels)
    {
        Volatile.Write(ref _channels, channels.ToFrozenDictionary(static c => c.Definition.Name, StringComparer.Ordinal));
        Volatile.Write(ref _all, [.. channels.Where(static c => c.Definition.Origin != ChannelOrigin.Session).OrderBy(static c => c.Definition.Name, StringComparer.Ordinal)]);
    }
}
