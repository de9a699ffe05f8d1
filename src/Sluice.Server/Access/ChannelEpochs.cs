using System.Collections.Concurrent;

namespace Sluice.Server.Access;

/// <summary>
/// Epochs of the channels that were made by the API, as the catalog has them. Those of the configuration file have no row and stay at
/// <see cref="OfConfiguration"/>: their tokens end with the signing secret, or when the channel goes.
/// </summary>
internal sealed class ChannelEpochs
{
    /// <summary>Epoch of every channel of the configuration file. The catalog never uses it, so that a token does not outlive the channel that it
    /// was made for when another takes its name.</summary>
    public const int OfConfiguration = 0;

    /// <summary>No token has it.</summary>
    private const int Unknown = -1;

    private readonly ConcurrentDictionary<string, int> _epochs = new(StringComparer.Ordinal);

    /// <summary>The epoch of a channel that was made by the API; one that no token has while it is not known.</summary>
    public int Of(string name) => _epochs.GetValueOrDefault(name, Unknown);

    /// <summary>The channel was read or made, or its tokens were revoked.</summary>
    public void Set(string name, int epoch) => _epochs[name] = epoch;

    /// <summary>The channel is gone.</summary>
    public void Remove(string name) => _epochs.TryRemove(name, out _);
}
