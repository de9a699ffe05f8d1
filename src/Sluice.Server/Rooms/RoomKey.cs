using Sluice.Server.Catalog;

namespace Sluice.Server.Rooms;

/// <summary>What a room is about: one playable has one room. That of a session is its own, whatever it plays: who has its link meets only those who
/// have it too.</summary>
/// <param name="Kind"><c>asset</c>, <c>channel</c> or <c>session</c>.</param>
/// <param name="Id">Which one of its kind.</param>
internal readonly record struct RoomKey(string Kind, string Id)
{
    /// <summary>The room of a title.</summary>
    public static RoomKey Asset(AssetId id) => new("asset", id.Value);

    /// <summary>The room of a channel.</summary>
    public static RoomKey Channel(string name) => new("channel", name);

    /// <summary>The room of a session.</summary>
    public static RoomKey Session(AssetId id) => new("session", id.Value);

    /// <summary>It is that of a session.</summary>
    public bool IsOfSession => Kind == "session";

    /// <inheritdoc />
    public override string ToString() => $"{Kind}:{Id}";
}
