using System.Net;
using System.Net.Sockets;
using Sluice.Server.Hosting;

namespace Sluice.Server.Outbound;

/// <summary>
/// Opens every connection that this server makes: looks the name up, checks every address of it, and connects to exactly one of
/// those, so that a name which changes its answer in between (DNS rebinding) gains nothing.
/// </summary>
internal sealed class CheckedConnector
{
    /// <summary>Addresses of one name that are tried.</summary>
    private const int MostAddresses = 4;

    private static readonly TimeSpan LookUpTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(5);

    private readonly Allowance[] _allowed;
    private readonly ResolveNames _resolve;
    private readonly TimeProvider _clock;

    public CheckedConnector(SluiceOptions options, ResolveNames resolve, TimeProvider clock)
        : this(options.Outbound.Allow.Select(static text =>
            Allowance.TryParse(text, out var entry) ? entry : throw new SetupException($"outbound.allow: '{text}' is no network and no host:port.")), resolve, clock)
    {
    }

    private CheckedConnector(IEnumerable<Allowance> allowed, ResolveNames resolve, TimeProvider clock) =>
        (_allowed, _resolve, _clock) = ([.. allowed], resolve, clock);

    /// <summary>One that may go to these too.</summary>
    public CheckedConnector Allowing(IEnumerable<Allowance> more) => new([.. _allowed, .. more], _resolve, _clock);

    /// <summary>A connection to the server.</summary>
    /// <exception cref="OutboundException">Refused, or nobody is there.</exception>
    public async ValueTask<Stream> ConnectAsync(DnsEndPoint server, CancellationToken ct)
    {
        var addresses = await AddressesAsync(server, ct);
        Exception? last = null;
        foreach (var address in addresses.Take(MostAddresses))
        {
            try
            {
                return await ConnectAsync(new IPEndPoint(address, server.Port), ct);
            }
            catch (SocketException e)
            {
                last = e;
            }
            catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
            {
                last = e;
            }
        }

        throw new OutboundException(OutboundFailure.Unreachable, last);
    }

    /// <summary>One address that may not be asked is enough to refuse the name: which of them is taken is not ours to say.</summary>
    private async Task<IReadOnlyList<IPAddress>> AddressesAsync(DnsEndPoint server, CancellationToken ct)
    {
        var found = IPAddress.TryParse(server.Host, out var literal) ? [literal] : await LookUpAsync(server.Host, ct);
        return found.Length > 0 && found.All(address => MayAsk(server, address)) ? found : throw new OutboundException(OutboundFailure.Refused);
    }

    private bool MayAsk(DnsEndPoint server, IPAddress address) =>
        AddressPolicy.IsPublic(address) || _allowed.Any(entry => entry.Opens(server.Host, address, server.Port));

    private async Task<IPAddress[]> LookUpAsync(string host, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(LookUpTime, _clock);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            return await _resolve(host, patience.Token);
        }
        catch (Exception e) when (e is SocketException or ArgumentException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            // Said in the same words as a name that leads inside: else one could ask which names there are.
            throw new OutboundException(OutboundFailure.Refused, e);
        }
    }

    private async Task<Stream> ConnectAsync(IPEndPoint server, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(ConnectTime, _clock);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server, patience.Token);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
