namespace Sluice.Server.Sessions;

/// <summary>
/// Where a session is in its life.
/// <code>
/// Opening ──▶ Ready ──▶ (nobody was heard of, or it was ended) gone
///    └──────────┴─────▶ Failed ──▶ gone
/// </code>
/// </summary>
internal enum SessionState
{
    /// <summary>The source is being looked at.</summary>
    Opening,

    /// <summary>It plays.</summary>
    Ready,

    /// <summary>It does not, or not any more.</summary>
    Failed,
}
