namespace Sluice.Server.Publishing;

/// <summary>What goes with the publishing of a tree.</summary>
/// <param name="OnBytes">Is told the bytes that are there, about of <see cref="TitleTree.SizeBytes"/>.</param>
internal sealed record PublishRun(Action<long> OnBytes)
{
    /// <summary>Names that the list of playlists certainly has at the time when it is changed; what it lacks of them is put back.</summary>
    public ListedNames Listed { get; init; } = PlaylistIndex.NoOthers;

    /// <summary>Is asked when all segments are there, before anything is listed: throws when that must not be any more.</summary>
    public Func<Task> BeforeListing { get; init; } = () => Task.CompletedTask;
}
