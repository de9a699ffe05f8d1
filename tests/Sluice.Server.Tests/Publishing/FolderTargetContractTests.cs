using Sluice.Server.Publishing;

namespace Sluice.Server.Tests.Publishing;

/// <summary>The contract, for a folder.</summary>
public sealed class FolderTargetContractTests : PublishTargetContract, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-contract-");

    public void Dispose() => _folder.Delete(recursive: true);

    private protected override IPublishTarget Open() => new FolderTarget(_folder.FullName, "web", TimeProvider.System);
}
