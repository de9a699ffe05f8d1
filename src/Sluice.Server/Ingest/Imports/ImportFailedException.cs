namespace Sluice.Server.Ingest.Imports;

/// <summary>An import that came to nothing, or an attempt that did. The message is a sentence for a person.</summary>
internal sealed class ImportFailedException(string reason, bool mayPass = false, TimeSpan? after = null) : Exception(reason)
{
    /// <summary>It may go better another time.</summary>
    public bool MayPass { get; } = mayPass;

    /// <summary>When the other server wants to be asked again; null when it did not say.</summary>
    public TimeSpan? After { get; } = after;
}
