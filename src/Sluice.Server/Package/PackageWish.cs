namespace Sluice.Server.Package;

/// <summary>What who uploads a file asks for beside that it plays.</summary>
/// <param name="BurnSubtitles">Subtitles that are drawn into the picture: the place of their track from 0, or their language; null for none.</param>
internal sealed record PackageWish(string? BurnSubtitles)
{
    /// <summary>Nothing.</summary>
    public static PackageWish None { get; } = new((string?)null);
}
