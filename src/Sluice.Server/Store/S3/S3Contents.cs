namespace Sluice.Server.Store.S3;

/// <summary>The objects of one asset that are known, and those that are to go when nobody reads them any more. Not safe for concurrent use: the asset's gate is held.</summary>
internal sealed class S3Contents
{
    private readonly Dictionary<string, S3Object> _objects = new(StringComparer.Ordinal);
    private readonly HashSet<string> _doomed = new(StringComparer.Ordinal);

    /// <summary>Whether some are to go.</summary>
    public bool HasDoomed => _doomed.Count > 0;

    /// <summary>Whether some are read, or to go.</summary>
    public bool IsInUse => HasDoomed || _objects.Values.Any(static one => one.IsRead);

    /// <summary>The object of that name; null when none is known.</summary>
    public S3Object? Find(string name) => _objects.GetValueOrDefault(name);

    /// <summary>These are all.</summary>
    public void Replace(IEnumerable<KeyValuePair<string, S3Object>> all)
    {
        _objects.Clear();
        foreach (var (name, one) in all)
        {
            _objects[name] = one;
        }
    }

    /// <summary>It was put there, and is not to go.</summary>
    public void Put(string name, S3Object added)
    {
        _doomed.Remove(name);
        _objects[name] = added;
    }

    /// <summary>The bucket has it. What is known better stays so.</summary>
    public void Found(string name, S3Object found)
    {
        if (!_doomed.Contains(name))
        {
            _objects.TryAdd(name, found);
        }
    }

    /// <summary>The bucket has it, in a state that another server may have made.</summary>
    public void FoundAnew(string name, S3Object found)
    {
        if (!_doomed.Contains(name) && Find(name)?.At.ETag != found.At.ETag)
        {
            _objects[name] = found;
        }
    }

    /// <summary>It is not what it was.</summary>
    public void Forget(string name) => _objects.Remove(name);

    /// <summary>It is to go; answers what was known of it.</summary>
    public S3Object? Doom(string name)
    {
        _doomed.Add(name);
        _objects.Remove(name, out var known);
        return known;
    }

    /// <summary>Whether it is still to go, and not there again.</summary>
    public bool IsDoomed(string name) => _doomed.Contains(name);

    /// <summary>It has gone.</summary>
    public void Removed(string name) => _doomed.Remove(name);
}
