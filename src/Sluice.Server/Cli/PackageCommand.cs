using System.CommandLine;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Package;
using Sluice.Server.Publishing;

namespace Sluice.Server.Cli;

/// <summary><c>sluice package</c>: publishes a file, without a server, as a static tree that others serve.</summary>
internal static class PackageCommand
{
    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "What to package." };
        var target = new Option<string>("--to", "--output", "-o")
        {
            Description = $"Where to: {TargetAddress.Rule}. A folder is made when it is not there.",
            HelpName = "TARGET",
            Required = true,
        };
        var ts = new Option<bool>("--ts") { Description = "As HLS over MPEG-TS with flat names and a list of playlists; pipekv:// has nothing else." };
        var configuration = new ConfigurationOptions();
        var command = new Command("package", "Write static HLS and DASH that any web server can serve, to a folder or another place.") { file, target, ts };
        configuration.AddTo(command);
        command.SetAction((arguments, ct) => RunAsync(
            new Wish(arguments.GetRequiredValue(file), arguments.GetRequiredValue(target), arguments.GetValue(ts)),
            configuration.Load(arguments).Options, ct));
        return command;
    }

    private static async Task<int> RunAsync(Wish wish, SluiceOptions options, CancellationToken ct)
    {
        if (!wish.File.Exists)
        {
            throw new CommandException($"There is no file {wish.File}.");
        }

        var place = PublishPlace.Open(wish.Target, options);
        var form = wish.IsTs ? PublicationForm.Ts : PublishTargets.FormOf(place.Address);
        place.RequireRoom(form);

        // :: Step 1  Indexes go to a folder of their own, which is gone at the end whatever happens
        var work = Directory.CreateTempSubdirectory("sluice-package-");
        try
        {
            string IndexPath(string id) => Path.Combine(work.FullName, id + ".idx");
            var result = await Task.Run(() => new Packager(options).Package(wish.File.FullName, IndexPath, ct), ct);
            if (result.RefusedReason is { } refused)
            {
                throw new CommandException($"{wish.File.Name} cannot be played: {refused}.");
            }

            if (result.State != AssetState.Ready)
            {
                throw new CommandException($"{wish.File.Name} needs encoding first: {result.Reason}.", "`sluice probe` shows every track.");
            }

            // :: Step 2  Segments, then playlists
            using var packaged = await PackagedFile.OpenAsync(wish.File.FullName, result.Tracks.Select(t => t.Id).OfType<string>().Select(IndexPath), ct);

            // The name has the time of the file and not that of the run: the same command once more goes on with the same name.
            var tree = form == PublicationForm.Ts
                ? await TsTree.MakeAsync(packaged.Parts, result.Version, TsName.Of(wish.File.Name, wish.File.LastWriteTimeUtc), result.Version, ct)
                : await CmafTree.MakeAsync(packaged.Parts, result.Version, "", "", ct);
            await SendAsync(wish.File.Name, tree, place, new TreePublisher(options), ct);
            foreach (var entrance in tree.Entrances.Order(StringComparer.Ordinal).Reverse())
            {
                Console.WriteLine(place.Shown(entrance));
            }
        }
        finally
        {
            work.Delete(recursive: true);
        }

        return 0;
    }

    private static async Task SendAsync(string name, TitleTree tree, PublishPlace place, TreePublisher publisher, CancellationToken ct)
    {
        var before = await TreeRecord.ReadAsync(place.Target, tree.Record, ct);
        try
        {
            await ByteProgress.RunAsync(name, tree.SizeBytes, onBytes => publisher.PublishAsync(tree, place.Target, onBytes, ct));
        }
        catch when (place.Folder is not null && before is not { Complete: true })
        {
            // Half a tree on a disk is of no use. Elsewhere it has cost time, and the same command goes on with it.
            if (before is null || before.Source == tree.Source)
            {
                await publisher.UnpublishAsync(new TreePlace(tree.Record, tree.IndexEntry), place.Target, _ => { }, CancellationToken.None);
            }

            place.Leave();
            throw;
        }
    }

    private sealed record Wish(FileInfo File, string Target, bool IsTs);
}
