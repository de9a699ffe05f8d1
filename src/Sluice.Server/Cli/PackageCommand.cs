using System.CommandLine;
using Sluice.Media.Cmaf;
using Sluice.Server.Catalog;
using Sluice.Server.Package;
using Sluice.Server.Store;

namespace Sluice.Server.Cli;

/// <summary><c>sluice package</c>: writes a static HLS and DASH tree that any web server can serve.</summary>
internal static class PackageCommand
{
    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "What to package." };
        var output = new Option<DirectoryInfo>("--output", "-o") { Description = "Folder to write, made when not there.", HelpName = "DIR", Required = true };
        var configuration = new ConfigurationOptions();
        var command = new Command("package", "Write a static HLS and DASH tree that any web server can serve.") { file, output };
        configuration.AddTo(command);
        command.SetAction((arguments, ct) => RunAsync(
            arguments.GetRequiredValue(file), arguments.GetRequiredValue(output), new Packager(configuration.Load(arguments).Options), ct));
        return command;
    }

    private static async Task<int> RunAsync(FileInfo file, DirectoryInfo output, Packager packager, CancellationToken ct)
    {
        if (!file.Exists)
        {
            throw new CommandException($"There is no file {file}.");
        }

        if (output.Exists && output.EnumerateFileSystemInfos().Any())
        {
            throw new CommandException($"{output} is not empty.", "Name a folder that is empty or not there yet; nothing was written.");
        }

        // :: Step 1  Indexes go to a folder of their own, which is gone at the end whatever happens
        var work = Directory.CreateTempSubdirectory("sluice-package-");
        try
        {
            string IndexPath(string id) => Path.Combine(work.FullName, id + ".idx");
            var result = await Task.Run(() => packager.Package(file.FullName, IndexPath, ct), ct);
            if (result.RefusedReason is { } refused)
            {
                throw new CommandException($"{file.Name} cannot be played: {refused}.");
            }

            if (result.State != AssetState.Ready)
            {
                throw new CommandException($"{file.Name} needs encoding first: {result.Reason}.", "`sluice probe` shows every track.");
            }

            // :: Step 2  Segments, then manifests
            var made = !output.Exists;
            output.Create();
            var tracks = result.Tracks.Select(t => t.Id).OfType<string>().ToList();
            try
            {
                await WriteAsync(file, output, tracks.ConvertAll(IndexPath), ct);
            }
            catch
            {
                // Half a tree is of no use, and would stand in the way of the next run.
                StaticTree.Remove(tracks, output.FullName);
                if (made && !output.EnumerateFileSystemInfos().Any())
                {
                    output.Delete();
                }

                throw;
            }
        }
        finally
        {
            work.Delete(recursive: true);
        }

        Console.WriteLine(Path.Combine(output.FullName, "master.m3u8"));
        Console.WriteLine(Path.Combine(output.FullName, "manifest.mpd"));
        return 0;
    }

    private static async Task WriteAsync(FileInfo file, DirectoryInfo output, List<string> indexPaths, CancellationToken ct)
    {
        var sources = indexPaths.ConvertAll(path => new FileByteSource(path));
        try
        {
            var indexes = sources.ConvertAll(s => TrackIndexReader.TryOpen(s)
                ?? throw new InvalidDataException("The track index cannot be read back."));
            await ByteProgress.RunAsync(file.Name, StaticTree.TotalBytes(indexes), onBytes => Task.Run(() =>
            {
                StaticTree.Write(file.FullName, indexes, output.FullName, onBytes, ct);
                return 0;
            }, ct));
        }
        finally
        {
            sources.ForEach(s => s.Dispose());
        }
    }
}
