using System.Globalization;

namespace Sluice.Bench.Cluster;

/// <summary>
/// A network of the machine's own: a bridge on which the services listen, and a network namespace for each node, joined to it by a cable that can be pulled.
/// <code>
///   services, viewers, 10.77.0.1 ── bridge ─┬─ cable ── namespace of node 1, 10.77.0.11
///                                           └─ cable ── namespace of node 2, 10.77.0.12
/// </code>
/// It needs root. What a run that was killed left behind goes at the start of the next one.
/// </summary>
internal sealed class ClusterNetwork : IAsyncDisposable
{
    /// <summary>Where the services listen.</summary>
    public const string Host = "10.77.0.1";

    /// <summary>All of it.</summary>
    public const string Range = "10.77.0.0/24";

    private const string Prefix = "slbench";
    private const string Bridge = Prefix;

    /// <summary>One run at a time has the addresses.</summary>
    private readonly FileStream _claim;

    private ClusterNetwork(FileStream claim) => _claim = claim;

    /// <summary>Makes the bridge.</summary>
    public static async Task<ClusterNetwork> OpenAsync()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw new InvalidOperationException("Networks of the nodes' own need root.");
        }

        var network = new ClusterNetwork(new FileStream(Path.Combine(Path.GetTempPath(), Prefix + ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        await ClearAsync();
        await IpAsync($"link add {Bridge} type bridge");
        await IpAsync($"addr add {Host}/24 dev {Bridge}");
        await IpAsync($"link set {Bridge} up");
        return network;
    }

    /// <summary>Address of a node.</summary>
    public static string AddressOf(int node) => $"10.77.0.{10 + node}";

    /// <summary>How a program is run there.</summary>
    public static string[] Into(int node) => ["ip", "netns", "exec", NameOf(node)];

    /// <summary>Makes the network of a node.</summary>
    public static async Task AddAsync(int node)
    {
        var (name, here, there) = (NameOf(node), CableOf(node), CableOf(node) + "n");
        await IpAsync($"netns add {name}");
        await IpAsync($"link add {here} type veth peer name {there}");
        await IpAsync($"link set {there} netns {name}");
        await IpAsync($"link set {here} master {Bridge} up");
        await IpAsync($"-n {name} addr add {AddressOf(node)}/24 dev {there}");
        await IpAsync($"-n {name} link set lo up");
        await IpAsync($"-n {name} link set {there} up");
    }

    /// <summary>Pulls a node's cable, or puts it back.</summary>
    public static Task JoinAsync(int node, bool isJoined) => IpAsync($"link set {CableOf(node)} {(isJoined ? "up" : "down")}");

    /// <summary>Processes in the network of a node.</summary>
    public static async Task<IReadOnlyList<int>> ProcessesAsync(int node) => await ProcessesAsync(NameOf(node));

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await ClearAsync();
        await _claim.DisposeAsync();
    }

    private static string NameOf(int node) => $"{Prefix}-{node}";

    private static string CableOf(int node) => $"{Prefix}{node}";

    private static async Task<IReadOnlyList<int>> ProcessesAsync(string name) =>
        [.. (await IpAsync($"netns pids {name}")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => int.Parse(line, CultureInfo.InvariantCulture))];

    private static async Task ClearAsync()
    {
        foreach (var name in (await IpAsync("netns list")).Split('\n').Select(line => line.Split(' ')[0]).Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            foreach (var pid in await ProcessesAsync(name))
            {
                ProcessFacts.Signal(pid, "KILL");
            }

            await IpAsync($"netns del {name}"); // Its end of the cable goes with it, and so the cable.
        }

        if (Directory.Exists($"/sys/class/net/{Bridge}"))
        {
            await IpAsync($"link del {Bridge}");
        }
    }

    private static Task<string> IpAsync(string words) => Tool.RunAsync("ip", words.Split(' '));
}
