using System.CommandLine;
using Sluice.Server.Cli;
using Sluice.Server.Hosting;

NativeHeap.LimitArenas();

var sluice = new RootCommand("Sluice turns video files into protected streams.")
{
    ServeCommand.Create(),
    AddCommand.Create(),
    PackageCommand.Create(),
    UnpublishCommand.Create(),
    ProbeCommand.Create(),
    TokenCommand.Create(),
    MigrateCommand.Create(),
    DoctorCommand.Create(),
};

return await CommandRunner.RunAsync(sluice, args);
