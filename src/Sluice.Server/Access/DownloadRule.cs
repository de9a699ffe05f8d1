using Sluice.Server.Catalog;
using Sluice.Server.Hosting;

namespace Sluice.Server.Access;

/// <summary>Whether who may watch a title may also have its file.</summary>
internal static class DownloadRule
{
    /// <summary>Why not, in words for a person; null when they may.</summary>
    public static string? Refusal(Asset asset, SluiceOptions options) =>
        asset.Owner is not null ? "What is played from where it lies is no file of this server."
        : asset.Secret is not null ? "The title is sent encrypted, and its file would not be. Its owner can take the encryption away."
        : asset.Extras.Downloads ?? options.Access.Downloads ? null
        : "Its owner has not allowed it.";
}
