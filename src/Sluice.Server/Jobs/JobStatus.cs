using Sluice.Server.Catalog;

namespace Sluice.Server.Jobs;

/// <summary>A job at this moment.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Asset">Whose.</param>
/// <param name="Kind">What is done.</param>
/// <param name="State">How far it is.</param>
/// <param name="Progress">0 to 1.</param>
/// <param name="Speed">Seconds of media done in a second; null when unknown.</param>
/// <param name="EtaSeconds">Seconds until it is done; null when unknown.</param>
/// <param name="Reason">Why it failed, why a part of it waits, or what it lacks; null when all is well.</param>
internal sealed record JobStatus(
    string Id, AssetId Asset, JobKind Kind, JobState State, double Progress, double? Speed, double? EtaSeconds, string? Reason);

/// <summary>Something that people watch has changed; says how it is now, so that only the last one of a key matters.</summary>
/// <param name="Asset">Whose.</param>
/// <param name="Key">What changed.</param>
internal abstract record Change(AssetId Asset, string Key);

/// <summary>A job changed.</summary>
internal sealed record JobChanged(JobStatus Job) : Change(Job.Asset, "job " + Job.Id);

/// <summary>State or revision of an asset changed.</summary>
internal sealed record MediaChanged(AssetId Asset, AssetState State, int Revision) : Change(Asset, "media " + Asset);

/// <summary>An asset is gone.</summary>
internal sealed record MediaRemoved(AssetId Asset) : Change(Asset, "media " + Asset);

/// <summary>An import changed. It is nobody's: what comes of it may never be a title.</summary>
internal sealed record ImportChanged(Import Import) : Change(default, "import " + Import.Id);
