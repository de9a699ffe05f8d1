using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Sluice.Server.Access;

/// <summary>
/// Feature of a request that another node passes on, whose client asked there: it is answered here, or by nobody. Limits, bound links and addresses of answers
/// are those of that client.
/// </summary>
/// <param name="Client">Where it comes from; null when that is not known.</param>
/// <param name="Scheme"><c>http</c> or <c>https</c>, as the client asked.</param>
/// <param name="Host">Whom the client asked.</param>
internal sealed record PassedOn(IPAddress? Client, string Scheme, string Host)
{
    private const char Between = '\n';

    /// <summary>Of a request of a client of this node.</summary>
    public static PassedOn Of(HttpContext context) =>
        new(context.Connection.RemoteIpAddress, context.Request.Scheme, context.Request.Host.ToUriComponent());

    /// <summary>Reads what <see cref="ToText"/> wrote.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out PassedOn? passed)
    {
        passed = text.Split(Between) is [var client, var scheme and ("http" or "https"), var host] && (client.Length == 0 || IPAddress.TryParse(client, out _))
            ? new PassedOn(client.Length == 0 ? null : IPAddress.Parse(client), scheme, host)
            : null;
        return passed is not null;
    }

    /// <summary>In one text, which is signed.</summary>
    public string ToText() => string.Join(Between, Client?.ToString() ?? "", Scheme, Host);

    /// <summary>From here on the request is that of the client.</summary>
    public void ApplyTo(HttpContext context)
    {
        context.Connection.RemoteIpAddress = Client;
        context.Request.Scheme = Scheme;
        context.Request.Host = HostString.FromUriComponent(Host);
        context.Features.Set(this);
    }
}
