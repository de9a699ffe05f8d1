using System.Net;
using Sluice.Server.Hosting;
using Sluice.Server.Outbound;
using Sluice.Server.Processes;
using Sluice.Server.Resolve;
using Xunit;

namespace Sluice.Server.Tests.Resolve;

/// <summary>A search path with programs that are scripts of a test.</summary>
internal sealed class ProgramFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-test-");

    public string Path => _folder.FullName;

    /// <summary>A file in it.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Puts a shell script there.</summary>
    public void Script(string name, string script)
    {
        System.IO.File.WriteAllText(File(name), $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
        {
            System.IO.File.SetUnixFileMode(File(name), (UnixFileMode)0b111_101_101);
        }
    }

    /// <summary>Puts the real one there; skips the test where there is none.</summary>
    public void Real(string name)
    {
        var real = ProgramSearch.Find(name, ProgramSearch.SystemPath);
        Assert.SkipWhen(real is null, $"Not tested: {name} is not installed here.");
        System.IO.File.CreateSymbolicLink(File(name), real);
    }

    /// <summary>A resolver that has these programs; every name is this machine's.</summary>
    public StreamResolver Resolver(params string[] allow)
    {
        var options = new SluiceOptions();
        options.Outbound.Allow = allow;
        var connector = new CheckedConnector(options, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]), TimeProvider.System);
        return new StreamResolver(new ResolverRunner(connector, TimeProvider.System, Path));
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
