using Sluice.Server.Outbound;

namespace Sluice.Server.Store.PipeKv;

/// <summary>A node did not do what was asked of it. The message is a sentence for a viewer; <see cref="Hint"/> is for whoever runs this server.</summary>
internal sealed class PipeKvException(string reason, Exception? inner = null) : PublishedFileException(reason, inner)
{
    /// <summary>What to do about it; null when that is plain. Holds no secret.</summary>
    public string? Hint { get; init; }

    /// <summary>The node gave something older than it gave before, or nothing any more.</summary>
    public bool IsStale { get; init; }

    /// <summary>Both sentences.</summary>
    public string Full => Hint is null ? Message : $"{Message} {Hint}";

    /// <summary>The same for another who waits: an exception is thrown once.</summary>
    public PipeKvException Again() =>
        new(Message, this) { Hint = Hint, MayPass = MayPass, IsStale = IsStale };

    /// <summary>What came of a request that failed.</summary>
    public static PipeKvException Of(OutboundException e) => e switch
    {
        { Certificate: { } refused } => new PipeKvException("The key-value store cannot prove who it is.", e) { Hint = HintOf(refused) },
        { Failure: OutboundFailure.TooLarge } => new PipeKvException("The value is larger than pipekv.mostBytes allows.", e),
        { Failure: OutboundFailure.Unintelligible } => new PipeKvException("The key-value store speaks no HTTP over TLS, or its certificate is not valid.", e),
        { Failure: OutboundFailure.Unreachable } => new PipeKvException("The key-value store cannot be reached.", e) { MayPass = true },
        { Failure: OutboundFailure.TimedOut } => new PipeKvException("The key-value store took too long.", e) { MayPass = true },
        { Failure: OutboundFailure.Broken } => new PipeKvException("The key-value store broke off its answer.", e) { MayPass = true },
        _ => new PipeKvException("The key-value store cannot be asked.", e),
    };

    private static string HintOf(CertificateRefusal refused) => refused.Sha256 is null
        ? refused.Reason
        : $"{refused.Reason} Its SHA-256 is {refused.Sha256}. If that is what `openssl x509 -noout -fingerprint -sha256` says of the certificate on the node, " +
            "put it into pipekv.pin, or name the file of its authority in pipekv.authority.";
}
