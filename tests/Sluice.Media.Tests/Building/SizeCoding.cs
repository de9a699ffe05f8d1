namespace Sluice.Media.Tests.Building;

/// <summary>How sample sizes are written.</summary>
internal enum SizeCoding
{
    /// <summary><c>stsz</c>, 32 bits each.</summary>
    Full,

    /// <summary><c>stsz</c> with one size for all.</summary>
    Constant,

    /// <summary><c>stz2</c>, 4 bits each.</summary>
    Compact4 = 4,

    /// <summary><c>stz2</c>, 8 bits each.</summary>
    Compact8 = 8,

    /// <summary><c>stz2</c>, 16 bits each.</summary>
    Compact16 = 16,
}

/// <summary>What becomes of <c>stss</c>.</summary>
internal enum SyncCoding
{
    /// <summary>Lists the sync samples; no box when all are.</summary>
    Honest,

    /// <summary>No box: all samples claim to be sync samples.</summary>
    Absent,

    /// <summary>A box with no entries.</summary>
    Empty,
}
