using System.Net;

namespace Sluice.Server.Hosting;

/// <summary>
/// What this process does of the whole: <c>api</c> takes uploads and serves titles, <c>worker</c> does tasks, <c>live</c> has channels and
/// sessions. One machine does all; of many, each does what it is given ([ADR 20](../../../docs/adr/0020-broker-and-roles.md)).
/// </summary>
/// <param name="Api">Uploads, titles, pages, and the upkeep of all that.</param>
/// <param name="Worker">Lanes in which tasks are done.</param>
/// <param name="Live">Channels, sessions, rooms.</param>
internal sealed record NodeRoles(bool Api, bool Worker, bool Live)
{
    /// <summary>The words for them, all of them being the default.</summary>
    public static readonly string[] Names = ["api", "worker", "live"];

    /// <summary>It answers requests of others than monitors.</summary>
    public bool Serves => Api || Live;

    /// <summary>Those of the configuration. A node that serves nobody listens where monitors may ask it, or nowhere.</summary>
    /// <exception cref="SetupException">Work that is made here would reach nobody, or none would come.</exception>
    public static NodeRoles Of(SluiceOptions options)
    {
        var roles = new NodeRoles(options.Roles.Contains("api"), options.Roles.Contains("worker"), options.Roles.Contains("live"));
        if (roles == new NodeRoles(false, false, false))
        {
            throw new SetupException("roles is empty, so this node would do nothing; name api, worker or live.");
        }

        if (roles != new NodeRoles(true, true, true) && options.Queue.Url is null)
        {
            throw new SetupException("roles leaves work to other nodes; give queue.url, the broker that tells them of it.");
        }

        if (!roles.Serves && options.Server.Monitor is { } monitor)
        {
            var point = IPEndPoint.Parse(monitor);
            (options.Server.Host, options.Server.Port) = (point.Address.ToString(), point.Port);
        }

        return roles;
    }

    /// <summary>It has a port.</summary>
    public bool Listens(ServerOptions server) => Serves || server.Monitor is not null;
}
