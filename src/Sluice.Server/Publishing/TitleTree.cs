using System.Buffers;
using Sluice.Media.Manifests;
using Sluice.Server.Deliver;

namespace Sluice.Server.Publishing;

/// <summary>The files that a title is published as.</summary>
/// <param name="Source">Names the title among all that could be published in the same place.</param>
/// <param name="Record">Name of the file that says which files belong to the tree.</param>
/// <param name="Files">Its files; written by their <see cref="TreeFile.Part"/>.</param>
/// <param name="IndexEntry">How the list of playlists names it; null when it does not.</param>
internal sealed record TitleTree(string Source, string Record, IReadOnlyList<TreeFile> Files, string? IndexEntry)
{
    /// <summary>About how many bytes it has.</summary>
    public long SizeBytes => Files.Sum(f => f.SizeBytes);

    /// <summary>What players are given.</summary>
    public IEnumerable<string> Entrances => Files.Where(f => f.Part == TreePart.Entrance).Select(f => f.Name);
}

/// <summary>One file of a tree.</summary>
/// <param name="Name">Where it lies, from the target's root.</param>
/// <param name="ContentType">Media type.</param>
/// <param name="Part">When it is written.</param>
/// <param name="SizeBytes">Its size; of what is muxed on the way, about that.</param>
/// <param name="WriteAsync">Writes its bytes, the same each time.</param>
internal sealed record TreeFile(
    string Name, string ContentType, TreePart Part, long SizeBytes, Func<IBufferWriter<byte>, CancellationToken, Task> WriteAsync)
{
    /// <summary>A file whose bytes are known.</summary>
    public static TreeFile Of(string name, string contentType, TreePart part, ReadOnlyMemory<byte> bytes) =>
        new(name, contentType, part, bytes.Length, (output, _) =>
        {
            output.Write(bytes.Span);
            return Task.CompletedTask;
        });

    /// <summary>A manifest; it is the same for all viewers.</summary>
    public static TreeFile Of(string name, string contentType, TreePart part, ManifestTemplate manifest) =>
        new(name, contentType, part, manifest.GetLength([]), (output, _) =>
        {
            manifest.Render([], output);
            return Task.CompletedTask;
        });

    /// <summary>A media playlist of HLS.</summary>
    public static TreeFile Playlist(string name, ManifestTemplate manifest, TreePart part = TreePart.Playlist) =>
        Of(name, ManifestDelivery.HlsType, part, manifest);
}

/// <summary>The order in which files are written, so that whatever is listed is there. They are removed the other way round.</summary>
internal enum TreePart
{
    /// <summary>Segments and whatever else is only listed.</summary>
    Media,

    /// <summary>Playlists that list segments.</summary>
    Playlist,

    /// <summary>What players are given: it lists playlists or segments.</summary>
    Entrance,
}
