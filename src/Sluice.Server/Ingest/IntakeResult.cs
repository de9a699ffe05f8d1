using Sluice.Server.Catalog;
using Sluice.Server.Hosting;

namespace Sluice.Server.Ingest;

/// <summary>What one door asks of an intake.</summary>
/// <param name="Origin">Which door: <c>native</c> or <c>pyhls</c>.</param>
/// <param name="Title">Shown to people; the file's name without its extension when null.</param>
/// <param name="ExpiryMinutes">Minutes of life from now; null means for ever.</param>
internal sealed record IntakeRequest(string Origin, string? Title, int? ExpiryMinutes)
{
    /// <summary>Whether text fields in the form count; a door that knows only query parameters ignores them.</summary>
    public bool FormFields { get; init; } = true;

    /// <summary>Subtitles to be drawn into the picture: the place of their track, or their language; null for none.</summary>
    public string? BurnSubtitles { get; init; }
}

/// <summary>What came of an upload: an asset and its key, or the reason why nothing was kept.</summary>
internal sealed record IntakeResult
{
    private IntakeResult()
    {
    }

    /// <summary>The new asset; null when nothing was kept.</summary>
    public Asset? Asset { get; private init; }

    /// <summary>The asset's admin key, to be shown once; null when nothing was kept, or when it was made before.</summary>
    public string? AdminKey { get; private init; }

    /// <summary>Why nothing was kept; null when it was.</summary>
    public ErrorCode? Error { get; private init; }

    /// <summary>What is particular to this failure.</summary>
    public string? Detail { get; private init; }

    /// <summary>Why nothing was kept, in one sentence for whoever comes later; null when it was.</summary>
    public string? Reason => Detail is null ? Error?.Title : $"{Error?.Title.TrimEnd('.')}: {Detail.TrimEnd('.')}.";

    /// <summary>Nothing was kept because the form had no file.</summary>
    public bool FileMissing { get; init; }

    public static IntakeResult Kept(Asset asset, string? adminKey) => new() { Asset = asset, AdminKey = adminKey };

    public static IntakeResult Refused(ErrorCode error, string? detail = null) => new() { Error = error, Detail = detail };
}

/// <summary>An upload that cannot go on, said where it is found and answered where the upload began.</summary>
internal sealed class IntakeRefusedException(ErrorCode error, string? detail) : Exception(error.Title)
{
    /// <summary>Row of the error table.</summary>
    public ErrorCode Error { get; } = error;

    /// <summary>What is particular to this failure.</summary>
    public string? Detail { get; } = detail;
}
