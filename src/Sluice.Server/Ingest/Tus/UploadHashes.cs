using System.Collections.Concurrent;
using Sluice.Server.Catalog;

namespace Sluice.Server.Ingest.Tus;

/// <summary>Hashes of what has come so far of uploads; of one that is not in here the file is read once more at its end.</summary>
internal sealed class UploadHashes
{
    private readonly ConcurrentDictionary<AssetId, SideHash> _hashes = new();

    /// <summary>The hash of what has come so far, to be gone on with; null when it is not known, or of no use.</summary>
    public SideHash? Take(Upload upload)
    {
        if (_hashes.TryRemove(upload.Id, out var hash))
        {
            if (hash.LengthBytes == upload.OffsetBytes)
            {
                return hash;
            }

            hash.Dispose();
        }

        return upload.OffsetBytes == 0 && !upload.IsPartial ? new SideHash() : null;
    }

    /// <summary>Keeps a hash, if it is that of all bytes before an offset.</summary>
    public void Keep(AssetId id, SideHash? hash, long offset)
    {
        if (hash?.LengthBytes == offset)
        {
            _hashes[id] = hash;
        }
        else
        {
            hash?.Dispose();
        }
    }

    /// <summary>The hash of an upload that is whole; null when it is not known.</summary>
    public string? End(Upload upload)
    {
        if (!_hashes.TryRemove(upload.Id, out var hash))
        {
            return null;
        }

        using (hash)
        {
            return hash.LengthBytes == upload.LengthBytes ? hash.Current() : null;
        }
    }

    /// <summary>The upload comes no more.</summary>
    public void Forget(AssetId id)
    {
        if (_hashes.TryRemove(id, out var hash))
        {
            hash.Dispose();
        }
    }
}
