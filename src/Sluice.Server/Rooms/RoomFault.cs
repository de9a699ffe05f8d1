namespace Sluice.Server.Rooms;

/// <summary>Why a room does not do what a member asks for.</summary>
internal enum RoomFault
{
    /// <summary>It does.</summary>
    None,

    /// <summary>Nobody more gets in.</summary>
    Full,

    /// <summary>That is the host's to do.</summary>
    HostOnly,

    /// <summary>Too many of them in too short a time.</summary>
    TooFast,

    /// <summary>It makes no sense.</summary>
    Invalid,

    /// <summary>A room of something live has no position.</summary>
    Live,
}
