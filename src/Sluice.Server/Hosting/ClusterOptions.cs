namespace Sluice.Server.Hosting;

/// <summary>Section <c>cluster</c>: this node among others over one catalog.</summary>
internal sealed class ClusterOptions
{
    /// <summary>Where other nodes reach this one, <c>http://10.0.0.5:8080</c>; null: they cannot, and what it has to itself nobody else shows. Default null.</summary>
    public string? Address { get; set; }
}
