using System.Collections.Concurrent;
using Sluice.Server.Hosting;
using Sluice.Server.Outbound;
using Sluice.Server.Store.PipeKv;
using Sluice.Server.Store.S3;

namespace Sluice.Server.Publishing;

/// <summary>Places to publish to that are other servers. What they are asked with is what the configuration says of them, never an address's.</summary>
/// <param name="options">The configuration.</param>
/// <param name="connector">Opens connections to buckets' servers.</param>
/// <param name="outbound">Asks nodes.</param>
/// <param name="latencies">Is told what nodes take.</param>
/// <param name="clock">The time.</param>
internal sealed class RemotePlaces(SluiceOptions options, CheckedConnector connector, OutboundFetcher outbound, PipeKvLatencies latencies, TimeProvider clock)
{
    /// <summary>Each once, whatever names it has: it keeps its connections.</summary>
    private readonly ConcurrentDictionary<TargetAddress, IPublishTarget> _open = new();

    /// <summary>Those of a command, which has no server's services.</summary>
    public static RemotePlaces ForCommand(SluiceOptions options)
    {
        var connector = new CheckedConnector(options, NameResolution.System, TimeProvider.System);
        return new RemotePlaces(
            options, connector, new OutboundFetcher(connector, TimeProvider.System), new PipeKvLatencies(TimeProvider.System), TimeProvider.System);
    }

    /// <summary>The target of an address. Nothing is asked yet.</summary>
    /// <exception cref="PublishException">What is needed to ask it is not configured.</exception>
    public IPublishTarget Open(TargetAddress address, string name) => new ToldTarget(
        _open.GetOrAdd(address, _ => address.Kind == TargetKind.Bucket ? Bucket(address, name) : Node(address)), name);

    private BucketTarget Bucket(TargetAddress address, string name)
    {
        try
        {
            return new BucketTarget(S3Setup.BucketOf(options.Storage.S3, address.Place, connector, clock), address.Prefix, clock);
        }
        catch (SetupException e)
        {
            throw new PublishException($"{name} cannot be opened. {e.Message}", "The server and its keys are those of storage.s3, also where media are kept on disk.");
        }
    }

    private PipeKvTarget Node(TargetAddress address)
    {
        PipeKvAccess? access;
        try
        {
            access = PipeKvAccess.Of(options.Pipekv);
        }
        catch (SetupException e)
        {
            throw new PublishException($"pipekv://{address.Place} cannot be opened. {e.Message}", "Look at section pipekv of the configuration.");
        }

        if (access is null)
        {
            throw new PublishException(
                $"There is no key for pipekv://{address.Place}.", "Set pipekv.key, or X_SERVICE_KEY in the environment; it stands in the node's .pop_state.json.");
        }

        // The key belongs to one node, and is given to no other.
        return access.Url.Address.Authority == address.Place
            ? new PipeKvTarget(new PipeKvNode(access, outbound, latencies, clock), clock)
            : throw new PublishException($"The configured node is pipekv://{access.Url.Address.Authority}, and not {address.Place}.", "Name that one, or set pipekv.url.");
    }
}
