using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;

namespace Sluice.Server.Processes;

/// <summary>
/// Starts all children, on one thread that lives as long as this process: the kernel's "kill it when its parent dies" means
/// the thread that forked, not the process (prctl(2), PR_SET_PDEATHSIG), and threads of the pool come and go.
/// </summary>
internal static class ChildStarter
{
    private static readonly BlockingCollection<Request> Requests = StartThread();

    /// <summary>The running process, or null when it could not be started.</summary>
    public static Task<Process?> StartAsync(ChildCommand command, ChildGuards guards)
    {
        var request = new Request(command, guards, new TaskCompletionSource<Process?>(TaskCreationOptions.RunContinuationsAsynchronously));
        Requests.Add(request);
        return request.Started.Task;
    }

    private static BlockingCollection<Request> StartThread()
    {
        // Not bounded: whoever asks awaits the answer, so there are as many requests as there are callers.
        var requests = new BlockingCollection<Request>();
        new Thread(() => Serve(requests)) { IsBackground = true, Name = "children" }.Start();
        return requests;
    }

    private static void Serve(BlockingCollection<Request> requests)
    {
        foreach (var request in requests.GetConsumingEnumerable())
        {
            try
            {
                request.Started.SetResult(Start(request.Command, request.Guards));
            }
            catch (Exception e) when (e is Win32Exception or IOException or UnauthorizedAccessException)
            {
                request.Started.SetResult(null);
            }
            catch (Exception e)
            {
                request.Started.SetException(e);
            }
        }
    }

    private static Process? Start(ChildCommand command, ChildGuards guards)
    {
        // A guard would answer for a program that is not there, with an exit code of its own.
        if (!ProgramSearch.IsProgram(command.Program) || !Directory.Exists(command.WorkingFolder))
        {
            return null;
        }

        var line = guards.CommandLine(command);
        var start = new ProcessStartInfo(line[0], line.Skip(1))
        {
            UseShellExecute = false,
            WorkingDirectory = command.WorkingFolder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        ChildEnvironment.Reduce(start.Environment, command.Proxy);
#pragma warning disable RS0030 // This is the one place.
        var process = Process.Start(start);
#pragma warning restore RS0030
        if (process is not null && !command.WritesInput)
        {
            process.StandardInput.Close();
        }

        return process;
    }

    private sealed record Request(ChildCommand Command, ChildGuards Guards, TaskCompletionSource<Process?> Started);
}
