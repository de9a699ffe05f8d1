namespace Sluice.Server.Publishing;

/// <summary>How a published tree is found again.</summary>
/// <param name="Record">As <see cref="TitleTree.Record"/>.</param>
/// <param name="IndexEntry">As <see cref="TitleTree.IndexEntry"/>.</param>
internal sealed record TreePlace(string Record, string? IndexEntry)
{
    /// <summary>As <see cref="PublishRun.Listed"/>.</summary>
    public ListedNames Listed { get; init; } = PlaylistIndex.NoOthers;

    /// <summary>Is told when all of its files are gone but the record, which goes next.</summary>
    public Func<Task> BeforeForgetting { get; init; } = () => Task.CompletedTask;

    /// <summary>That of a title in a flat space of names.</summary>
    public static TreePlace Flat(string name) => new(TsTree.RecordOf(name), TsTree.PlaylistOf(name));

    /// <summary>That of a title in a folder of its own.</summary>
    /// <param name="folder">The folder; empty for the target's root.</param>
    public static TreePlace Folder(string folder) => new(folder.Length > 0 ? $"{folder}/{CmafTree.Record}" : CmafTree.Record, null);
}
