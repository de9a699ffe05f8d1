using Sluice.Server.Package;
using Sluice.Server.Package.Matroska;
using Sluice.Server.Store;

namespace Sluice.Server.Sessions;

/// <summary>Matroska and WebM files: what browsers play of them is played straight from their clusters.</summary>
internal sealed class MatroskaTitles(MatroskaPackager packager)
{
    /// <summary>Copies what can be copied; null when the file is no Matroska file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="pathOf">Where an object of that name goes; must not exist yet.</param>
    /// <param name="besideEncoded">Sounds that cannot be copied are encoded beside the picture.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="SourceUnavailableException">It cannot be read.</exception>
    public async Task<CopyResult?> CopyAsync(SessionFile file, Func<string, string> pathOf, bool besideEncoded, CancellationToken ct) =>
        await MatroskaPackager.IsOneAsync(file.Reader, ct)
            ? await packager.CopyAsync(file.Reader, track => pathOf(ObjectKey.Index(default, track).Name), besideEncoded, ct)
            : null;
}
