namespace Sluice.Server.Outbound.Remote;

/// <summary>A file on another server cannot be read. The message is a sentence for a person and names no address.</summary>
internal sealed class RemoteFileException(string reason, Exception? inner = null) : Exception(reason, inner)
{
    /// <summary>What is said when the bytes are not those of before.</summary>
    public const string Changed = "The file at the other server has changed since the session began; begin a new one.";

    /// <summary>What is said to who reads on when nobody is to.</summary>
    public const string Ended = "The session has ended.";

    /// <summary>It may go better another time.</summary>
    public bool MayPass { get; init; }

    /// <summary>It does not pass, if it is true. Some servers say so now and then of what they have, so it is believed only when it is said again and again.</summary>
    public bool IsDoubted { get; init; }

    /// <summary>Nobody was asked, for too much is being fetched from there.</summary>
    public bool IsBusy { get; init; }

    /// <summary>The address itself is none that may be asked.</summary>
    public bool IsRefused { get; init; }

    /// <summary>The same for another reader: an exception is thrown once.</summary>
    public RemoteFileException Again() => new(Message, this) { MayPass = MayPass, IsDoubted = IsDoubted, IsBusy = IsBusy, IsRefused = IsRefused };

    /// <summary>What came of a fetch that failed.</summary>
    public static RemoteFileException Of(OutboundException e) =>
        new(e.Message, e) { MayPass = e.MayPass, IsRefused = e.Failure == OutboundFailure.Refused };
}
