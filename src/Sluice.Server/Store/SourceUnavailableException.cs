namespace Sluice.Server.Store;

/// <summary>Bytes of a source that lies elsewhere cannot be had now. The message is a sentence for a person and names no address.</summary>
internal sealed class SourceUnavailableException(string reason, Exception? inner = null) : IOException(reason, inner)
{
    /// <summary>They are on their way, or would be if somebody had them: who asks again may get them.</summary>
    public bool IsPending { get; init; }

    /// <summary>They are of a state of the object that is not there any more: who opens it anew gets what is there now.</summary>
    public bool IsLoss { get; init; }

    /// <summary>The same for another who waits: an exception is thrown once.</summary>
    public SourceUnavailableException Again() => new(Message, InnerException) { IsPending = IsPending, IsLoss = IsLoss };
}
