using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Publishing;

namespace Sluice.Server.Cli;

/// <summary>A target that somebody named on the command line.</summary>
internal sealed class PublishPlace
{
    private readonly bool _wasThere;

    private PublishPlace(TargetAddress address, string given, IPublishTarget target)
    {
        (Address, Target) = (address, target);
        Folder = address.Kind == TargetKind.Folder ? new DirectoryInfo(address.Place) : null;
        Given = given;
        _wasThere = Folder is { Exists: true };
    }

    /// <summary>Where it is.</summary>
    public TargetAddress Address { get; }

    /// <summary>The target.</summary>
    public IPublishTarget Target { get; }

    /// <summary>The folder that it is; null when it is none.</summary>
    public DirectoryInfo? Folder { get; }

    private string Given { get; }

    /// <summary>Opens the target of an address.</summary>
    /// <exception cref="CommandException">It is none.</exception>
    public static PublishPlace Open(string given, SluiceOptions options) => TargetAddress.TryParse(given) is { } address
        ? new PublishPlace(address, given, PublishTargets.Open(address, given, RemotePlaces.ForCommand(options), TimeProvider.System))
        : throw new CommandException($"'{given}' is no place to publish to.", $"Name {TargetAddress.Rule}.");

    /// <summary>A file as people are told of it.</summary>
    public string Shown(string name) => Folder is { } folder ? Path.Combine(folder.FullName, name) : $"{Given.TrimEnd('/')}/{name}";

    /// <summary>A folder whose files get names such as <c>master.m3u8</c> must hold nothing but those of such a run; flat names are never those of others.</summary>
    /// <exception cref="CommandException">There is such.</exception>
    public void RequireRoom(PublicationForm form)
    {
        if (Folder is null)
        {
            return;
        }

        if (File.Exists(Folder.FullName))
        {
            throw new CommandException($"{Folder} is a file.", "Name a folder; nothing was written.");
        }

        if (form == PublicationForm.Cmaf && Folder.Exists && Folder.EnumerateFileSystemInfos().Any()
            && !File.Exists(Path.Combine(Folder.FullName, CmafTree.Record)))
        {
            throw new CommandException($"{Folder} is not empty.", "Name a folder that is empty or not there yet; nothing was written.");
        }
    }

    /// <summary>Leaves a folder as it was found, once what was written into it is removed.</summary>
    public void Leave()
    {
        if (!_wasThere && Folder is { } folder && Directory.Exists(folder.FullName) && !folder.EnumerateFileSystemInfos().Any())
        {
            folder.Delete();
        }
    }
}
