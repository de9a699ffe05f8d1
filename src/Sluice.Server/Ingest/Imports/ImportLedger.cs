using Sluice.Server.Catalog;
using Sluice.Server.Jobs;

namespace Sluice.Server.Ingest.Imports;

/// <summary>Writes down how far imports are, and tells those who watch.</summary>
internal sealed class ImportLedger(IImportCatalog catalog, ChangeFeed feed, TimeProvider clock)
{
    /// <summary>Changes a row that is there, and tells of it; null when it is gone.</summary>
    public async Task<Import?> UpdateAsync(AssetId id, Func<Import, Import> change, CancellationToken ct)
    {
        var import = await catalog.UpdateImportAsync(id, old => change(old) with { UpdatedAt = clock.GetUtcNow() }, ct);
        if (import is not null)
        {
            Tell(import);
        }

        return import;
    }

    /// <summary>It has ended, unless it had already, for another reason; a title that came of it counts in any case.</summary>
    public Task<Import?> EndAsync(AssetId id, JobState state, string? reason) => UpdateAsync(
        id, old => old.IsOpen || state == JobState.Done ? old.Ended(state, reason, clock.GetUtcNow()) : old, CancellationToken.None);

    /// <summary>Tells of a state that is not worth a write.</summary>
    public void Tell(Import import) => feed.Publish(new ImportChanged(import));
}
