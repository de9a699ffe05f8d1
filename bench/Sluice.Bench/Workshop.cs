namespace Sluice.Bench;

/// <summary>Where the program, the made-up films and the results are, and a private folder that goes with the run.</summary>
internal sealed class Workshop : IDisposable
{
    private int _folders;

    public Workshop()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Sluice.slnx")))
        {
            root = root.Parent ?? throw new InvalidOperationException("The bench lies in no checkout of Sluice.");
        }

        Program = Environment.GetEnvironmentVariable("SLUICE_PROGRAM") is { Length: > 0 } given
            ? given
            : Path.Combine(root.FullName, "artifacts", "sluice", "sluice");
        Results = Path.Combine(root.FullName, "bench", "results");
        Films = new Films(Directory.CreateDirectory(Path.Combine(root.FullName, "artifacts", "bench")).FullName);
        Scratch = Directory.CreateTempSubdirectory("sluice-bench-").FullName;
        Directory.CreateDirectory(Results);
    }

    /// <summary>The program as <c>./dev build</c> leaves it.</summary>
    public string Program { get; }

    /// <summary>The committed results.</summary>
    public string Results { get; }

    /// <summary>Input files, made once and kept beside the build.</summary>
    public Films Films { get; }

    private string Scratch { get; }

    /// <summary>A new empty folder, removed at the end.</summary>
    public string NewFolder() =>
        Directory.CreateDirectory(Path.Combine(Scratch, Interlocked.Increment(ref _folders).ToString())).FullName;

    /// <inheritdoc />
    public void Dispose() => Directory.Delete(Scratch, recursive: true);
}
