namespace Sluice.Server.Package.Arriving;

/// <summary>How far a title is that is being opened.</summary>
internal enum Opening
{
    /// <summary>Its tracks are known.</summary>
    Done,

    /// <summary>Too little of it has landed, or been repackaged.</summary>
    NotYet,

    /// <summary>It does not play before all of it is there.</summary>
    Hopeless,
}
