using Sluice.Server.Hosting;

namespace Sluice.Server.Ingest.Imports;

/// <summary>What an import may have, in words.</summary>
internal static class ImportLimits
{
    /// <summary>Why a file of that size is not taken; null when it is.</summary>
    public static string? TooLarge(long bytes, SluiceOptions options) => bytes <= options.Ingest.MaxUploadBytes
        ? null
        : $"It has {bytes} bytes; this server takes {options.Ingest.MaxUploadBytes} (ingest.maxUploadBytes).";
}
