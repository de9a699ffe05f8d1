namespace Sluice.Server.Processes;

/// <summary>What a child learns of our environment: where programs and libraries lie, nothing of secrets or configuration.
/// Above all no <c>FFREPORT</c>, which has ffmpeg write files.</summary>
internal static class ChildEnvironment
{
    private static readonly string[] Passed =
    [
        "PATH", "TMPDIR", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "FONTCONFIG_FILE", "FONTCONFIG_PATH",
        "LIBVA_DRIVER_NAME", "LIBVA_DRIVERS_PATH", "CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES", "NVIDIA_DRIVER_CAPABILITIES",
        "SystemRoot", "TEMP", "TMP",
    ];

    /// <summary>Leaves in <paramref name="environment"/> what is passed on, and sets a language in which numbers have points.</summary>
    /// <param name="environment">Ours.</param>
    /// <param name="proxy">What all its requests go through, for no <c>no_proxy</c> is passed; null when it makes none.</param>
    public static void Reduce(IDictionary<string, string?> environment, string? proxy = null)
    {
        var kept = Passed.Where(environment.ContainsKey).ToDictionary(name => name, name => environment[name], StringComparer.Ordinal);
        environment.Clear();
        foreach (var (name, value) in kept)
        {
            environment[name] = value;
        }

        environment["LC_ALL"] = "C.UTF-8";
        if (proxy is not null)
        {
            environment["http_proxy"] = environment["https_proxy"] = proxy; // ffmpeg takes the first for both.
        }
    }
}
