namespace Sluice.Server.Store.S3;

/// <summary>What a bucket has of an asset.</summary>
/// <param name="IsCommitted">Its marker is there.</param>
/// <param name="Objects">Its objects by their names here.</param>
internal sealed record S3Found(bool IsCommitted, IReadOnlyList<KeyValuePair<string, S3Object>> Objects);
