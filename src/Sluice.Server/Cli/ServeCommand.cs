using System.CommandLine;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Sluice.Server.Access;
using Sluice.Server.Hosting;
using Sluice.Server.Hosting.Configuration;

namespace Sluice.Server.Cli;

/// <summary><c>sluice serve</c>: runs the server until SIGTERM or Ctrl-C.</summary>
internal static class ServeCommand
{
    /// <summary>How it is called.</summary>
    public const string Name = "serve";

    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var host = new Option<string?>("--host") { Description = "Address to listen on.", HelpName = "ADDRESS" };
        var port = new Option<string?>("--port", "-p") { Description = "TCP port, exactly this one; 0 takes any free one.", HelpName = "PORT" };
        var allow = new Option<string[]>("--allow-outbound")
        {
            Description = "What imports may be fetched from although it is not public: host:port, or a network. Again for each; beats outbound.allow.",
            HelpName = "HOST:PORT",
        };
        var certificate = new Option<string?>("--certificate") { Description = "PEM file of a certificate: https instead of http.", HelpName = "FILE" };
        var key = new Option<string?>("--key") { Description = "PEM file of its private key, where that is a file of its own.", HelpName = "FILE" };
        var configuration = new ConfigurationOptions();
        var command = new Command(Name, "Run the server.") { host, port, allow, certificate, key };
        configuration.AddTo(command);
        command.SetAction((arguments, ct) =>
        {
            var given = new List<Setting>();
            if (arguments.GetValue(host) is { } h)
            {
                given.Add(new Setting("server.host", [h], false, "--host"));
            }

            if (arguments.GetValue(port) is { } p)
            {
                given.Add(new Setting("server.port", [p], false, "--port"));
            }

            if (arguments.GetValue(certificate) is { } c)
            {
                given.Add(new Setting("server.certificate", [c], false, "--certificate"));
            }

            if (arguments.GetValue(key) is { } k)
            {
                given.Add(new Setting("server.key", [k], false, "--key"));
            }

            if (arguments.GetValue(allow) is { Length: > 0 } targets)
            {
                given.Add(new Setting("outbound.allow", targets, true, "--allow-outbound"));
            }

            return RunAsync(configuration.Load(arguments, given), arguments.GetValue(port) is not null, ct);
        });
        return command;
    }

    private static async Task<int> RunAsync(LoadedConfiguration loaded, bool exactPort, CancellationToken ct)
    {
        var options = loaded.Options;
        foreach (var warning in loaded.Warnings)
        {
            await Console.Error.WriteLineAsync($"sluice: {warning}");
        }

        // :: Step 1  This process alone works in the data folder
        using var claim = DataFolderClaim.Take(options.Storage.Data);

        // :: Step 2  A port, where anybody asks this node anything
        var roles = NodeRoles.Of(options);
        var listens = roles.Listens(options.Server);
        var wanted = options.Server.Port;
        if (listens)
        {
            options.Server.Port = FreePort.Find(options.Server.Host, wanted, exactPort || !roles.Serves);
        }

        if (options.Server.Port != wanted)
        {
            Console.WriteLine($"Port {wanted} is taken; using {options.Server.Port}.");
        }

        // :: Step 3  Serve, and say where
        await using var app = SluiceHost.Build(loaded);
        await StartAsync(app, options, ct);
        if (listens)
        {
            Tell(loaded, roles, new Uri(app.Urls.First()));
        }
        else
        {
            Console.WriteLine("Sluice works; it listens at no port.");
        }

        if (app.Services.GetRequiredService<OperatorKey>().JustMade is { } key)
        {
            Console.WriteLine($"The operator key, shown only now, is {key}");
        }

        // :: Step 4  Until told to stop, or something that it cannot do without has failed
        var failure = app.Services.GetRequiredService<BackgroundFailure>();
        try
        {
            await app.WaitForShutdownAsync(ct);
        }
        catch (Exception e) when (failure.Code != ExitCode.Done)
        {
            await Console.Error.WriteLineAsync(CommandRunner.Describe(e)); // The end suffered from it, too.
        }

        ServerFile.Remove(options.Storage.Data);
        return failure.Code;
    }

    private static void Tell(LoadedConfiguration loaded, NodeRoles roles, Uri listens)
    {
        var options = loaded.Options;
        var url = ServerUrl.Of(options.Server.Host, listens.Port, listens.Scheme);
        if (!roles.Serves)
        {
            Console.WriteLine($"Sluice works; monitors may ask it at {url}");
            return;
        }

        ServerFile.Write(options.Storage.Data, url);
        Console.WriteLine($"Sluice is at {url}");
        if (options.Server.PublicUrl is { } known)
        {
            Console.WriteLine($"Links are given out for {known.TrimEnd('/')}");
        }

        if (roles.Live && loaded.Channels.Count > 0)
        {
            Console.WriteLine($"Channels of {loaded.Source!.Name}: {loaded.Channels.Count}, at {url}/live/NAME");
        }
    }

    private static async Task StartAsync(WebApplication app, SluiceOptions options, CancellationToken ct)
    {
        try
        {
            await app.StartAsync(ct);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new CommandException($"Port {options.Server.Port} was taken a moment ago.", "Start again.");
        }
        catch (SocketException e)
        {
            throw new CommandException($"{options.Server.Host} port {options.Server.Port} cannot be used: {e.Message}.");
        }
    }
}
