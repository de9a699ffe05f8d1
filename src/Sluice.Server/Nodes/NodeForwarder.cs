using System.Net;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Outbound;
using Yarp.ReverseProxy.Forwarder;

namespace Sluice.Server.Nodes;

/// <summary>What came of passing a request on.</summary>
internal enum PassEnd
{
    /// <summary>It is answered, or its client has gone.</summary>
    Answered,

    /// <summary>It was not answered, and nothing of it was sent.</summary>
    Unsent,

    /// <summary>It was not answered; whether the other node did what it asks for is not known.</summary>
    Unanswered,
}

/// <summary>
/// Passes a client's request on to another node, over one hop, and its answer back as it comes; WebSockets too. The other node is told by a signed header who asked,
/// and looks at keys and tokens by itself. What it has is watched meanwhile: when that is another's, or nobody's, the request is cut off.
/// </summary>
internal sealed partial class NodeForwarder : IDisposable
{
    /// <summary>Silence of both sides after which a connection is cut. That a node has died is noticed by its lease, long before.</summary>
    private static readonly ForwarderRequestConfig Config = new()
    {
        ActivityTimeout = TimeSpan.FromMinutes(10),
        Version = HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    /// <summary>With services of its own, which have no log: it would name URLs, and those carry tokens. Made when it is first needed.</summary>
    private readonly Lazy<ServiceProvider> _own = new(() => new ServiceCollection().AddLogging().AddHttpForwarder().BuildServiceProvider());
    private readonly ClusterConnections _connections;
    private readonly Whereabouts _whereabouts;
    private readonly Passing _passing;
    private readonly ILogger<NodeForwarder> _logger;

    public NodeForwarder(ClusterConnections connections, Whereabouts whereabouts, NodePass pass, ILogger<NodeForwarder> logger) =>
        (_connections, _whereabouts, _passing, _logger) = (connections, whereabouts, new Passing(pass), logger);

    /// <summary>Passes it on.</summary>
    /// <param name="context">The request, of which nothing is answered yet.</param>
    /// <param name="name">What it is about.</param>
    /// <param name="owner">Who has that.</param>
    public async Task<PassEnd> SendAsync(HttpContext context, string name, Holder owner)
    {
        if (owner.Address is not { } address)
        {
            return PassEnd.Unsent;
        }

        using var over = new CancellationTokenSource();
        using var lost = new CancellationTokenSource();
        var watching = WatchAsync(name, owner, lost, over.Token);
        try
        {
            var error = await _own.Value.GetRequiredService<IHttpForwarder>().SendAsync(context, address.AbsoluteUri, _connections.Http, Config, _passing, lost.Token);
            if (error == ForwarderError.None || context.RequestAborted.IsCancellationRequested)
            {
                return PassEnd.Answered;
            }

            var why = context.GetForwarderErrorFeature()?.Exception;
            Log.Broken(_logger, name.Split(' ')[0], address, lost.IsCancellationRequested ? "it is another node's now" : why?.Message ?? error.ToString());
            _whereabouts.Forget(name);
            if (context.Response.HasStarted)
            {
                context.Abort(); // What was sent would pass for all of it.
                return PassEnd.Answered;
            }

            context.Response.StatusCode = StatusCodes.Status200OK;
            return IsUnsent(why) ? PassEnd.Unsent : PassEnd.Unanswered;
        }
        finally
        {
            await over.CancelAsync();
            await watching;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_own.IsValueCreated)
        {
            _own.Value.Dispose();
        }
    }

    private async Task WatchAsync(string name, Holder owner, CancellationTokenSource lost, CancellationToken over)
    {
        try
        {
            await _whereabouts.LostAsync(name, owner, over);
            await lost.CancelAsync();
        }
        catch (OperationCanceledException)
        {
            // It is answered.
        }
    }

    private static bool IsUnsent(Exception? why) =>
        why is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError }
        || why?.InnerException is OutboundException;

    /// <summary>What of a request and its answer is another's on the way.</summary>
    private sealed class Passing(NodePass pass) : HttpTransformer
    {
        public override async ValueTask TransformRequestAsync(
            HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
            var headers = proxyRequest.Headers;
            headers.Host = null; // That of the node; whom the client asked is told beside it.
            headers.Remove(NodePass.Header);
            headers.Remove(NodePass.PassedHeader);
            headers.TryAddWithoutValidation(NodePass.PassedHeader, pass.ForPassing(httpContext.Request, PassedOn.Of(httpContext)));
        }

        public override ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
        {
            if (proxyResponse is not null)
            {
                httpContext.Response.Headers.Clear(); // The other node says them all.
            }

            return base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "A request about a {Kind} could not be passed on to {Node}: {Reason}")]
        public static partial void Broken(ILogger logger, string kind, Uri node, string reason);
    }
}
