using Sluice.Server.Hosting;
using Sluice.Server.Outbound;

namespace Sluice.Server.Store.PipeKv;

/// <summary>Where a node is and how it is spoken to.</summary>
/// <param name="Url">Its address, without path.</param>
/// <param name="Key">The service key. A secret.</param>
/// <param name="Trust">By what it is known.</param>
/// <param name="MostBytes">Of one value.</param>
internal sealed record PipeKvAccess(OutboundUrl Url, string Key, ServerTrust Trust, long MostBytes)
{
    /// <summary>Where the node is when nothing is said: on this machine, as ts.sh has it.</summary>
    private const string Here = "https://127.0.0.1";

    /// <summary>What the configuration says; null when it says nothing of a node.</summary>
    /// <exception cref="SetupException">It cannot be used.</exception>
    public static PipeKvAccess? Of(PipeKvOptions options)
    {
        if (options.Key is not { } key)
        {
            return options.Url is null ? null : throw new SetupException(
                "pipekv.url names a node, but there is no key for it. Set pipekv.key, or X_SERVICE_KEY in the environment; it stands in the node's .pop_state.json.");
        }

        return OutboundUrl.TryParse(options.Url ?? Here, out var url) && url.Address.Scheme == Uri.UriSchemeHttps
            ? new PipeKvAccess(url, key, ServerTrust.Of(options.Pin, options.Authority), options.MostBytes)
            : throw new SetupException($"pipekv.url is '{options.Url}', which is no https address.");
    }

    /// <summary>Without the key.</summary>
    public override string ToString() => Url.ToString();
}
