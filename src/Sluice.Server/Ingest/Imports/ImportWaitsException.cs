namespace Sluice.Server.Ingest.Imports;

/// <summary>An import that cannot go on now, and is tried again in a while. The message is a sentence for a person.</summary>
internal sealed class ImportWaitsException(string reason) : Exception(reason);
