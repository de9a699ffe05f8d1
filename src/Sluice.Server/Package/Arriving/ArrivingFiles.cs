using System.Collections.Concurrent;
using Sluice.Server.Catalog;

namespace Sluice.Server.Package.Arriving;

/// <summary>The files that are coming now and may be played meanwhile: where the doors that bytes come in by meet those that they leave by.</summary>
internal sealed class ArrivingFiles
{
    private readonly ConcurrentDictionary<AssetId, ArrivingFile> _files = new();

    /// <summary>A file is not coming any more: it has become a title, was given up, or begins anew. Raised after it; must not block.</summary>
    public event Action<ArrivingFile>? Removed;

    /// <summary>The file of that name, or null.</summary>
    public ArrivingFile? Find(AssetId id) => _files.GetValueOrDefault(id);

    /// <summary>Whether this very file is still coming.</summary>
    public bool Has(ArrivingFile file) => ReferenceEquals(Find(file.Id), file);

    /// <summary>Adds a file; another of its name must have been removed.</summary>
    public void Add(ArrivingFile file) => _files[file.Id] = file;

    /// <summary>Removes a file; nothing happens when it is not there.</summary>
    public void Remove(ArrivingFile file)
    {
        if (_files.TryRemove(new(file.Id, file)))
        {
            Removed?.Invoke(file);
        }
    }
}
