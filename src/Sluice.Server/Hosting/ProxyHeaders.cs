using Microsoft.AspNetCore.HttpOverrides;
using Sluice.Server.Access;
using Sluice.Server.Manage.Proxy;

namespace Sluice.Server.Hosting;

/// <summary>
/// Takes what trusted proxies say of a request for the truth: who sent it, over which scheme, to which host.
/// <code>
///   X-Forwarded-For: forged, 203.0.113.5, 10.0.0.2      from 10.0.0.1; 10.0.0.0/8 is trusted
///                            ▲            └ trusted: go on to the left
///                            └ the right-most that is not: the client
/// </code>
/// Without <c>server.trustedProxies</c> these headers mean nothing. A host is one of <c>server.publicUrl</c> and <c>server.allowedHosts</c>, or it is not taken:
/// a proxy that does not say it lets through what a stranger says.
/// </summary>
internal static class ProxyHeaders
{
    /// <summary>Puts it in front of everything else, if there are any.</summary>
    public static void UseTrustedProxies(this IApplicationBuilder app, ServerOptions server)
    {
        if (server.TrustedProxies.Length == 0)
        {
            return;
        }

        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto,
            ForwardLimit = null, // As far as proxies are known.
            AllowedHosts = [.. RequestRules.PublicHosts(server).Select(static host => host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)],
        };
        if (options.AllowedHosts.Count > 0) // Without any, each would be taken.
        {
            options.ForwardedHeaders |= ForwardedHeaders.XForwardedHost;
        }

        options.KnownProxies.Clear(); // Loopback would be one.
        options.KnownIPNetworks.Clear();
        foreach (var text in server.TrustedProxies)
        {
            options.KnownIPNetworks.Add(AddressRange.TryParse(text, out var range)
                ? range.Network
                : throw new SetupException($"server.trustedProxies: '{text}' is not {AddressRange.Rule}."));
        }

        app.Use(static (context, next) =>
        {
            ProxyView.Note(context);
            return next(context);
        });
        app.UseForwardedHeaders(options);
    }
}
