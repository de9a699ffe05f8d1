namespace Sluice.Bench;

/// <summary>Gives nginx the bytes that we serve, under the same paths.</summary>
internal static class Mirror
{
    /// <summary>Copies what is behind the addresses into nginx's folder; answers the bytes copied.</summary>
    public static async Task<double> CopyAsync(Viewer viewer, IEnumerable<Uri> addresses, NginxServer nginx)
    {
        var total = 0.0;
        foreach (var address in addresses)
        {
            var bytes = await viewer.GetAsync(address);
            var path = Path.Combine(nginx.Folder, address.AbsolutePath.TrimStart('/'));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(path, bytes);
            total += bytes.Length;
        }

        return total;
    }
}
