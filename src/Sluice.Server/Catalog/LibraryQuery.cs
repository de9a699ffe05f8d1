namespace Sluice.Server.Catalog;

/// <summary>In which order the library is listed. Titles that are equal in it follow by id.</summary>
internal enum LibraryOrder
{
    /// <summary>Published last, first.</summary>
    Newest,

    /// <summary>Published first, first.</summary>
    Oldest,

    /// <summary>By title, numbers in it by their value.</summary>
    Title,

    /// <summary>The longest first.</summary>
    Longest,

    /// <summary>The largest file first.</summary>
    Largest,
}

/// <summary>What part of the library is asked for, and in which order.</summary>
/// <param name="Words">Each must be found in the title or in the file's name; as <see cref="LibraryKey"/> writes them.</param>
/// <param name="States">Those alone; all when empty.</param>
/// <param name="Order">The order.</param>
internal sealed record LibraryQuery(IReadOnlyList<string> Words, IReadOnlyList<AssetState> States, LibraryOrder Order = LibraryOrder.Newest)
{
    /// <summary>All of it, newest first.</summary>
    public static LibraryQuery All { get; } = new([], []);
}
