using Sluice.Server.Catalog;
using Sluice.Server.Hosting;

namespace Sluice.Server.Publishing;

/// <summary>Finds targets: those that the configuration names, for the API, and any address, for who runs a command.</summary>
internal sealed class PublishTargets
{
    private readonly TimeProvider _clock;
    private readonly RemotePlaces _remote;
    private readonly Dictionary<string, TargetAddress> _named;
    private readonly List<PublishPlace> _places = [];

    /// <exception cref="SetupException">The configuration names one that cannot be.</exception>
    public PublishTargets(SluiceOptions options, RemotePlaces remote, TimeProvider clock)
    {
        (_remote, _clock) = (remote, clock);
        _named = options.Publish.Targets.ToDictionary(t => t.Key, t => Parse(t.Key, t.Value), StringComparer.Ordinal);
        foreach (var (name, address) in _named)
        {
            try
            {
                _places.Add(new PublishPlace(name, FormOf(address), Open(address, name, remote, clock).CanRemove));
            }
            catch (PublishException e)
            {
                throw new SetupException($"publish.targets.{name}: {e.Message} {e.Hint}");
            }
        }
    }

    /// <summary>Names in the configuration.</summary>
    public IReadOnlyCollection<string> Names => _named.Keys;

    /// <summary>What people are told of those.</summary>
    public IReadOnlyList<PublishPlace> Places => _places;

    /// <summary>The target of that name.</summary>
    /// <exception cref="PublishException">The configuration has none, or not any more.</exception>
    public IPublishTarget Require(string name) => _named.TryGetValue(name, out var address)
        ? Open(address, name, _remote, _clock)
        : throw new PublishException($"The configuration has no target of the name {name} any more.", "Put it back under publish.targets, and try again.");

    /// <summary>The form in which titles go to the target of that name when nothing is said.</summary>
    public PublicationForm FormOf(string name) => FormOf(_named[name]);

    /// <summary>The form in which titles go to an address when nothing is said: a key-value store is read through a proxy that knows MPEG-TS.</summary>
    public static PublicationForm FormOf(TargetAddress address) =>
        address.Kind == TargetKind.KeyValue ? PublicationForm.Ts : PublicationForm.Cmaf;

    /// <summary>The target at an address.</summary>
    /// <param name="address">Where.</param>
    /// <param name="name">What people call it.</param>
    /// <param name="remote">Opens those on other servers.</param>
    /// <param name="clock">The time.</param>
    /// <exception cref="PublishException">There is no such target.</exception>
    public static IPublishTarget Open(TargetAddress address, string name, RemotePlaces remote, TimeProvider clock) => address.Kind switch
    {
        TargetKind.Folder => new FolderTarget(address.Place, name, clock),
        _ => remote.Open(address, name),
    };

    private static TargetAddress Parse(string name, string address) => TargetAddress.TryParse(address)
        ?? throw new SetupException($"publish.targets.{name} must be {TargetAddress.Rule}.");
}

/// <summary>A place that people can choose.</summary>
/// <param name="Name">In the configuration.</param>
/// <param name="Form">In which titles go there when nothing is said.</param>
/// <param name="CanRemove">Whether files can be taken away there again.</param>
internal readonly record struct PublishPlace(string Name, PublicationForm Form, bool CanRemove);
