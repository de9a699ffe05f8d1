namespace Sluice.Server.Outbound;

/// <summary>Why nothing, or not all of it, could be fetched.</summary>
internal enum OutboundFailure
{
    /// <summary>Not public and not allowed, unknown, or no http at all. Which of these, nobody is told: it would say what is there.</summary>
    Refused,

    /// <summary>Nobody takes the connection.</summary>
    Unreachable,

    /// <summary>The other side cannot prove who it is, or it speaks something else.</summary>
    Unintelligible,

    /// <summary>A time limit.</summary>
    TimedOut,

    /// <summary>More redirects than are followed.</summary>
    TooManyRedirects,

    /// <summary>More bytes than are taken.</summary>
    TooLarge,

    /// <summary>The connection ended before the answer did.</summary>
    Broken,
}

/// <summary>A fetch that failed. The message is a sentence for a person and names no address.</summary>
internal sealed class OutboundException(OutboundFailure failure, Exception? inner = null) : Exception(Sentence(failure), inner)
{
    /// <summary>What is said of every address that is refused.</summary>
    public const string Refusal = "The address cannot be fetched.";

    /// <summary>Why.</summary>
    public OutboundFailure Failure { get; } = failure;

    /// <summary>What was wrong with the server's certificate; null when that was not it, or is not known.</summary>
    public CertificateRefusal? Certificate { get; init; }

    /// <summary>It may go better another time.</summary>
    public bool MayPass => Failure is OutboundFailure.Unreachable or OutboundFailure.TimedOut or OutboundFailure.Broken;

    private static string Sentence(OutboundFailure failure) => failure switch
    {
        OutboundFailure.Refused => Refusal,
        OutboundFailure.Unreachable => "The other server cannot be reached.",
        OutboundFailure.Unintelligible => "The other server's certificate or answer is not valid.",
        OutboundFailure.TimedOut => "The other server took too long.",
        OutboundFailure.TooManyRedirects => "The other server redirects without end.",
        OutboundFailure.TooLarge => "It is larger than this server allows.",
        OutboundFailure.Broken => "The connection broke off.",
        _ => throw new ArgumentOutOfRangeException(nameof(failure)),
    };
}
