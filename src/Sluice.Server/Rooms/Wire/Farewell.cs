using System.Net.WebSockets;

namespace Sluice.Server.Rooms.Wire;

/// <summary>Why the server ends a connection.</summary>
/// <param name="Status">Close code (RFC 6455 section 7.4). From 4000 on they are ours: docs/rooms.md.</param>
/// <param name="Reason">In a word.</param>
/// <param name="Detail">For a person; sent before the end when there is one.</param>
internal sealed record Farewell(WebSocketCloseStatus Status, string Reason, string? Detail = null)
{
    /// <summary>The member came in again by another connection.</summary>
    public static readonly Farewell Replaced = new((WebSocketCloseStatus)4001, "replaced", "You came into this room again elsewhere.");

    /// <summary>The link has expired or was revoked, or the title is gone.</summary>
    public static readonly Farewell NoAccess = new((WebSocketCloseStatus)4002, "no-access", "The link opens this no more.");

    /// <summary>There is no place left.</summary>
    public static readonly Farewell Full = new((WebSocketCloseStatus)4003, "full", "As many people as this server takes are here.");

    /// <summary>The client speaks another version.</summary>
    public static readonly Farewell Version = new((WebSocketCloseStatus)4004, "version", "The page is older or newer than the server. Load it again.");

    /// <summary>What was sent is no message of ours.</summary>
    public static readonly Farewell Invalid = new(WebSocketCloseStatus.PolicyViolation, "invalid");

    /// <summary>A message is too long.</summary>
    public static readonly Farewell TooLong = new(WebSocketCloseStatus.MessageTooBig, "too-long");

    /// <summary>Too many messages.</summary>
    public static readonly Farewell TooMany = new(WebSocketCloseStatus.PolicyViolation, "too-many");

    /// <summary>It does not take what it is sent.</summary>
    public static readonly Farewell TooSlow = new(WebSocketCloseStatus.PolicyViolation, "too-slow");

    /// <summary>The member goes, or has gone.</summary>
    public static readonly Farewell Bye = new(WebSocketCloseStatus.NormalClosure, "bye");

    /// <summary>The server stops.</summary>
    public static readonly Farewell Stopping = new(WebSocketCloseStatus.EndpointUnavailable, "stopping");
}
