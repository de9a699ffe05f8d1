using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Sluice.Server.Outbound;

/// <summary>
/// Every request that this server makes goes through here (the build holds that).
/// <code>
/// 1 ask        over a connection that <see cref="CheckedConnector"/> opened, or opened earlier
/// 2 redirect?  http or https only, at most 10; checked like the first; secrets stay with the server that they were for
/// 3 hand over  status, headers, and the body within its limits
/// </code>
/// Proxies and cookies are not used, and nothing is unpacked: the bytes are those of the file. An upload (PUT) is not sent on to where it is redirected.
/// </summary>
internal sealed class OutboundFetcher : IDisposable
{
    private const int MostRedirects = 10;
    private const int HeaderKilobytes = 64;

    /// <summary>Names are looked up anew at least so often.</summary>
    private static readonly TimeSpan ConnectionLife = TimeSpan.FromMinutes(2);

    /// <summary>Made when it is first needed: most servers never ask anybody anything, and it brings 2 MB of code along.</summary>
    private readonly Lazy<Connections> _connections;
    private readonly CheckedConnector _connector;
    private readonly TimeProvider _clock;
    private readonly ServerTrust? _trust;

    public OutboundFetcher(CheckedConnector connector, TimeProvider clock)
        : this(connector, clock, null)
    {
    }

    private OutboundFetcher(CheckedConnector connector, TimeProvider clock, ServerTrust? trust)
    {
        (_connector, _clock, _trust) = (connector, clock, trust);
        _connections = new Lazy<Connections>(() => new Connections(connector, trust));
    }

    /// <summary>One that may ask these too. It has connections of its own, which nobody else gets: what is open to one is not open to all. Dispose of it.</summary>
    /// <param name="more">What it may ask besides.</param>
    /// <param name="trust">Which certificates it takes; null is those that this machine trusts.</param>
    public OutboundFetcher Allowing(IEnumerable<Allowance> more, ServerTrust? trust = null) => new(_connector.Allowing(more), _clock, trust);

    /// <summary>Asks, follows redirects, and answers with whatever the last server says.</summary>
    /// <exception cref="OutboundException">There is no answer.</exception>
    public async Task<OutboundResponse> SendAsync(OutboundRequest request, CancellationToken ct)
    {
        var total = new CancellationTokenSource(request.Limits.Total, _clock);
        try
        {
            var url = request.Url;
            for (var redirects = 0; redirects <= MostRedirects; redirects++)
            {
                // :: Step 1: ask
                var message = await AskAsync(request, url, total.Token, ct);

                // :: Step 2: redirect?
                if (request.IsDirect || request.Upload is not null || LocationOf(message) is not { } location)
                {
                    // :: Step 3: hand over
                    var body = await message.Content.ReadAsStreamAsync(ct);
                    return new OutboundResponse(message, url, new OutboundBody(body, request.Limits, _clock, total.Token), total);
                }

                message.Dispose();
                url = url.Follow(location) ?? throw new OutboundException(OutboundFailure.Refused);
            }

            throw new OutboundException(OutboundFailure.TooManyRedirects);
        }
        catch
        {
            total.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_connections.IsValueCreated)
        {
            _connections.Value.Http.Dispose();
        }
    }

    private async Task<HttpResponseMessage> AskAsync(OutboundRequest request, OutboundUrl url, CancellationToken total, CancellationToken ct)
    {
        using var header = new CancellationTokenSource(request.Limits.Header, _clock);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct, total, header.Token);
        using var message = MessageOf(request, url);
        try
        {
            return await _connections.Value.Http.SendAsync(message, patience.Token);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new OutboundException(OutboundFailure.TimedOut, e);
        }
        // The bare SocketException is of a connection that was reset while it was being opened.
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException or OutboundException)
        {
            throw new OutboundException(FailureOf(e), e) { Certificate = e.InnerException is AuthenticationException ? _trust?.Refusal : null };
        }
    }

    private static HttpRequestMessage MessageOf(OutboundRequest request, OutboundUrl url)
    {
        var method = request.Upload is not null ? HttpMethod.Put : request.IsHead ? HttpMethod.Head : HttpMethod.Get;
        var message = new HttpRequestMessage(method, url.Address)
        {
            Content = request.Upload?.ToContent(),
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        var headers = message.Headers;
        headers.TryAddWithoutValidation("User-Agent", request.UserAgent);
        headers.TryAddWithoutValidation("Accept", "*/*");
        headers.TryAddWithoutValidation("Accept-Encoding", "identity");
        if (request.FromByte is { } from)
        {
            headers.TryAddWithoutValidation("Range", string.Create(CultureInfo.InvariantCulture, $"bytes={from}-{request.ToByte}"));
            if (request.IfRange is { } validator)
            {
                headers.TryAddWithoutValidation("If-Range", validator);
            }
        }

        if (url.IsOriginOf(request.Url))
        {
            foreach (var (name, value) in request.Headers)
            {
                headers.TryAddWithoutValidation(name, value);
            }
        }

        // A redirect may name a user of its own; that of the first URL stays with its server.
        var basic = url.Basic ?? (url.IsOriginOf(request.Url) ? request.Url.Basic : null);
        if (basic is not null)
        {
            headers.Authorization = new AuthenticationHeaderValue("Basic", basic);
        }

        return message;
    }

    private static string? LocationOf(HttpResponseMessage message) =>
        message.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
            or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect
        && message.Headers.NonValidated.TryGetValues("Location", out var values)
            ? values.ToString()
            : null;

    /// <summary>The client wraps what its connections fail with.</summary>
    private static OutboundFailure FailureOf(Exception? e) => e switch
    {
        null => OutboundFailure.Unreachable,
        OutboundException ours => ours.Failure,
        AuthenticationException => OutboundFailure.Unintelligible,
        HttpRequestException
        {
            HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.VersionNegotiationError,
        } => OutboundFailure.Unintelligible,
        HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } => OutboundFailure.Broken,
        _ => FailureOf(e.InnerException),
    };

    private sealed class Connections(CheckedConnector connector, ServerTrust? trust)
    {
#pragma warning disable RS0030 // The one place for them.
        public HttpMessageInvoker Http { get; } = new(new SocketsHttpHandler
        {
            ConnectCallback = (context, ct) => connector.ConnectAsync(context.DnsEndPoint, ct),
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseProxy = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            MaxResponseHeadersLength = HeaderKilobytes,
            PooledConnectionLifetime = ConnectionLife,
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = trust is null ? null : (_, shown, chain, errors) => trust.Accepts(shown, chain, errors),
            },
        });
#pragma warning restore RS0030
    }
}
