namespace Sluice.Server.Torrents.Engine;

/// <summary>The sidecar ended before it answered. Whoever asked may ask the next one.</summary>
internal sealed class SidecarGoneException(string reason) : Exception(reason);
