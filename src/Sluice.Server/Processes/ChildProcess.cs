using System.Diagnostics;
using System.IO.Pipelines;

namespace Sluice.Server.Processes;

/// <summary>
/// A program that runs for this server, in a process group of its own and within limits. Whoever starts one disposes of it; that
/// ends it with all its descendants. On Linux it does not outlive this server either, however that ends.
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan GuardInterval = TimeSpan.FromMilliseconds(2);

    /// <summary>How long the end of its last words is waited for, should a stray descendant hold the pipe.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);

    private readonly ChildCommand _command;
    private readonly ChildGuards _guards;
    private readonly Process? _process;
    private readonly Pipe? _output;
    private readonly ErrorText _errors;
    private readonly ChildWatch _watch;
    private readonly Lock _gate = new();
    private ExitReason? _endedBecause;
    private bool _gone;
    private bool _isPaused;
    private TimeSpan _cpuTime;

    private ChildProcess(ChildCommand command, ChildGuards guards, Process? process, CancellationToken ct)
    {
        (_command, _guards, _process) = (command, guards, process);
        _errors = new ErrorText(command.TakesLine);
        _watch = new ChildWatch(command.Limits);
        _output = command.ReadsOutput && process is not null ? OutputPump.NewPipe() : null;
        Output = _output?.Reader.AsStream() ?? Stream.Null;
        Completion = process is null
            ? Task.FromResult(new ChildExit(ExitReason.StartFailed, -1, TimeSpan.Zero))
            : RunAsync(process, ct);
    }

    /// <summary>Process id, which is that of its group too; 0 when it could not be started.</summary>
    public int Id => _process?.Id ?? 0;

    /// <summary>What it prints, when the command says that it is read; waits for bytes without holding a thread.</summary>
    public Stream Output { get; }

    /// <summary>What it reads, when the command says so.</summary>
    public Stream Input => _command.WritesInput && _process is not null ? _process.StandardInput.BaseStream : Stream.Null;

    /// <summary>Ends when it has ended, with everything that it said on standard error read.</summary>
    public Task<ChildExit> Completion { get; }

    /// <summary>The last 8 KiB that it said on standard error, without lines that were taken, without folders and without the addresses of relays.</summary>
    public string ErrorTail => Redaction.Redact(
        _errors.Tail,
        [
            _command.WorkingFolder,
            .. _command.Arguments.Select(FfmpegGuard.PathOf).Where(Path.IsPathFullyQualified).Select(Path.GetDirectoryName).OfType<string>(),
            FfmpegGuard.Relayed, .. _command.Proxy is { } proxy ? [proxy] : (string[])[],
        ]);

    /// <summary>Starts a child. One that cannot be started is answered too: it has ended with <see cref="ExitReason.StartFailed"/>.</summary>
    /// <param name="command">What, and within which limits.</param>
    /// <param name="ct">Ends the child when cancelled, at any time of its life.</param>
    public static Task<ChildProcess> StartAsync(ChildCommand command, CancellationToken ct) =>
        StartAsync(command, ChildGuards.System, ct);

    /// <summary>As the other one, with given guards.</summary>
    internal static async Task<ChildProcess> StartAsync(ChildCommand command, ChildGuards guards, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return new ChildProcess(command, guards, await ChildStarter.StartAsync(command, guards), ct);
    }

    /// <summary>Ends it and all its descendants at once; nothing happens when it has ended.</summary>
    public void Kill() => End(ExitReason.Killed);

    /// <summary>Halts it and its descendants; its time stands still.</summary>
    public void Pause()
    {
        _watch.Pause();
        lock (_gate)
        {
            _isPaused = true;
        }

        _ = HaltAsync();
    }

    /// <summary>Has it go on.</summary>
    public void Resume()
    {
        lock (_gate)
        {
            _isPaused = false;
            Signal(ProcessSignals.Continue);
        }

        _watch.Resume();
    }

    /// <summary>Reads all that it prints; null, and it is ended, when that is more than <paramref name="mostBytes"/>.</summary>
    public async Task<byte[]?> ReadOutputAsync(int mostBytes, CancellationToken ct)
    {
        using var all = new MemoryStream();
        var buffer = new byte[16 << 10];
        while (await Output.ReadAsync(buffer, ct) is > 0 and var count)
        {
            if (all.Length + count > mostBytes)
            {
                Kill();
                return null;
            }

            all.Write(buffer, 0, count);
        }

        return all.ToArray();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Kill();
        await Output.DisposeAsync(); // A pump that waits for a reader waits no longer.
        await ((Task)Completion).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // Who awaits it itself is told.
        _process?.Dispose();
    }

    private async Task<ChildExit> RunAsync(Process process, CancellationToken ct)
    {
        var errors = OutputPump.RunAsync("child errors", () => ReadErrors(process));
        var output = OutputPump.RunAsync("child output", () => ReadOutput(process));
        using var cancellation = ct.UnsafeRegister(static child => ((ChildProcess)child!).Kill(), this);
        await using var timer = new Timer(static child => ((ChildProcess)child!).Look(), this, WatchInterval, WatchInterval);

        await process.WaitForExitAsync(CancellationToken.None);
        lock (_gate)
        {
            _gone = true;
            if (_guards.HasOwnGroup)
            {
                ProcessSignals.SendToGroup(process.Id, ProcessSignals.Kill); // Descendants that it left behind go with it.
            }
        }

        await Task.WhenAny(errors, Task.Delay(LastWords, CancellationToken.None));
        if (errors.IsFaulted)
        {
            await errors; // Whoever takes lines failed; that is a bug and shows here.
        }

        _ = output; // Ends by itself, when the reader has read to the end or has gone.
        return new ChildExit(_endedBecause ?? ExitReason.Exited, process.ExitCode, _cpuTime);
    }

    private void ReadErrors(Process process)
    {
        try
        {
            OutputPump.Drain(process.StandardError.BaseStream, piece =>
            {
                if (_errors.Add(piece.Span))
                {
                    _watch.Sign();
                }
            });
            _errors.End();
        }
        catch
        {
            Kill();
            throw;
        }
        finally
        {
            MeasureCpu(); // It is ending, but most often not gone yet: the best moment.
        }
    }

    private void ReadOutput(Process process)
    {
        if (_output is null)
        {
            OutputPump.Drain(process.StandardOutput.BaseStream, _ => _watch.Sign());
            return;
        }

        OutputPump.Copy(process.StandardOutput.BaseStream, _output.Writer, _watch);
    }

    private void Look()
    {
        MeasureCpu();
        if (_watch.Overdue() is { } reason)
        {
            End(reason);
        }
    }

    private void MeasureCpu()
    {
        try
        {
            var time = _process!.TotalProcessorTime;
            _cpuTime = time > _cpuTime ? time : _cpuTime;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It is gone; what was seen last counts.
        }
    }

    private void End(ExitReason reason)
    {
        lock (_gate)
        {
            if (_process is null || _gone || _process.HasExited)
            {
                return;
            }

            _endedBecause ??= reason;
            if (_guards.HasOwnGroup)
            {
                ProcessSignals.Send(_process.Id, ProcessSignals.Kill);
            }
            else
            {
                _process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <summary>Halts it as soon as its guards are passed, which takes some milliseconds after its start, unless it is to go on by then.</summary>
    private async Task HaltAsync()
    {
        while (!IsHaltedOrGoesOn())
        {
            await Task.Delay(GuardInterval);
        }
    }

    private bool IsHaltedOrGoesOn()
    {
        lock (_gate)
        {
            if (_process is null || _gone || !_isPaused || _process.HasExited)
            {
                return true;
            }

            if (!_guards.HasPassed(_process.Id))
            {
                return false;
            }

            Signal(ProcessSignals.Stop);
            return true;
        }
    }

    private void Signal(int signal)
    {
        if (_process is not null && !_gone)
        {
            ProcessSignals.Send(_process.Id, signal);
        }
    }
}
