namespace Sluice.Server.Outbound;

/// <summary>What is to be fetched.</summary>
/// <param name="Url">From where.</param>
internal sealed record OutboundRequest(OutboundUrl Url)
{
    /// <summary>Headers of the answer only.</summary>
    public bool IsHead { get; init; }

    /// <summary>What is sent with PUT; null asks.</summary>
    public OutboundUpload? Upload { get; init; }

    /// <summary>A redirect is an answer like any other, and not followed. That to an upload never is.</summary>
    public bool IsDirect { get; init; }

    /// <summary>First byte; null asks for the whole.</summary>
    public long? FromByte { get; init; }

    /// <summary>Last byte, inclusive; null is the end. Counts only with <see cref="FromByte"/>.</summary>
    public long? ToByte { get; init; }

    /// <summary>Entity tag or date: the range is wanted only if the file still has it (RFC 9110 section 13.1.5).</summary>
    public string? IfRange { get; init; }

    /// <summary>Whom the request is said to come from.</summary>
    public string UserAgent { get; init; } = "Sluice";

    /// <summary>Further headers. They may hold secrets, and go to the first server only, not to another one that it redirects to.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Bounds.</summary>
    public OutboundLimits Limits { get; init; } = new();
}

/// <summary>Bounds of one fetch.</summary>
internal sealed record OutboundLimits
{
    /// <summary>Bytes of the body.</summary>
    public long MaxBytes { get; init; } = long.MaxValue;

    /// <summary>From the request to the header of the answer, for each redirect anew.</summary>
    public TimeSpan Header { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Between two pieces of the body.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>All of it, from the first request to the last byte.</summary>
    public TimeSpan Total { get; init; } = Timeout.InfiniteTimeSpan;
}
