using System.Collections.Concurrent;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Sluice.Server.Processes;

namespace Sluice.Server.Torrents.Engine;

/// <summary>
/// One life of the torrent engine: a Python with libtorrent that is fed our program and then commands, and answers in frames.
/// <code>
/// python3 -I -c LOADER        ← the program itself (torrents.py, built in), then commands, a line each
///                             → frames: answers to questions by their number, news of torrents
/// </code>
/// The program comes by standard input: no file of it lies where somebody could change it, and it is always the one of this server. It ends when its
/// input does, when it is silent for a minute, or with this server.
/// </summary>
internal sealed class Sidecar : IAsyncDisposable
{
    /// <summary>Reads no byte more than the program has: the rest are commands.</summary>
    private const string Loader = """
        import os
        size, code = int(open(0, 'rb', 0, closefd=False).readline()), b''
        while len(code) < size:
            code += os.read(0, size - len(code)) or exit(1)
        exec(compile(code, 'torrents.py', 'exec'))
        """;

    private const string Resource = "torrents.py";

    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(4);

    private readonly ChildProcess _child;
    private readonly Action<SidecarFrame> _news;
    private readonly ConcurrentDictionary<long, TaskCompletionSource<byte[]>> _questions = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _writing = new(1);
    private readonly Task _listening;
    private long _lastId;
    private volatile string? _endReason;

    private Sidecar(ChildProcess child, Action<SidecarFrame> news)
    {
        (_child, _news) = (child, news);
        _listening = ListenAsync();
    }

    /// <summary>It answers nothing any more.</summary>
    public bool HasEnded => _endReason is not null;

    /// <summary>Ends, without a fault, when it has ended.</summary>
    public Task Ended => _listening;

    /// <summary>Why it has ended, for the log; null as long as it lives.</summary>
    public string? EndReason => _endReason;

    /// <summary>Process id.</summary>
    public int ProcessId => _child.Id;

    /// <summary>Starts one and waits until it works.</summary>
    /// <param name="python">Full path of the interpreter.</param>
    /// <param name="settings">Told first.</param>
    /// <param name="news">Is told what nobody asked for, in order.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="SidecarGoneException">It ended at once.</exception>
    public static async Task<Sidecar> StartAsync(string python, SidecarSettings settings, Action<SidecarFrame> news, CancellationToken ct)
    {
        var child = await ChildProcess.StartAsync(
            new ChildCommand
            {
                Program = python,
                Arguments = ["-I", "-c", Loader],
                WorkingFolder = Path.GetTempPath(),
                Limits = new ChildLimits { MemoryBytes = 2L << 30, Silence = TimeSpan.FromSeconds(60) },
                ReadsOutput = true,
                WritesInput = true,
            },
            CancellationToken.None);
        var sidecar = new Sidecar(child, news);
        try
        {
            await sidecar.WriteAsync(Program(), ct);
            await sidecar.WriteLineAsync(JsonSerializer.SerializeToUtf8Bytes(settings, SidecarJson.Default.SidecarSettings), ct);
            await sidecar._ready.Task.WaitAsync(StartTime, ct);
            return sidecar;
        }
        catch (Exception e)
        {
            await sidecar.DisposeAsync();
            throw e is TimeoutException ? new SidecarGoneException("it does not start") : e;
        }
    }

    /// <summary>Tells it something.</summary>
    /// <exception cref="SidecarGoneException">It has ended.</exception>
    public Task TellAsync(SidecarCommand command, CancellationToken ct) =>
        WriteLineAsync(JsonSerializer.SerializeToUtf8Bytes(command, SidecarJson.Default.SidecarCommand), ct);

    /// <summary>Asks it something; cancelled, it is told so.</summary>
    /// <exception cref="SidecarGoneException">It has ended.</exception>
    /// <exception cref="TorrentException">It cannot do that.</exception>
    public async Task<byte[]> AskAsync(SidecarCommand question, CancellationToken ct)
    {
        var id = Interlocked.Increment(ref _lastId);
        var answer = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        _questions[id] = answer;
        try
        {
            // Whoever ends it looks for questions afterwards: one of both sees the other.
            if (HasEnded)
            {
                throw new SidecarGoneException(_endReason!);
            }

            await TellAsync(question with { Id = id }, ct);
            return await answer.Task.WaitAsync(ct);
        }
        catch (OperationCanceledException) when (!HasEnded)
        {
            await TellQuietlyAsync(SidecarCommand.Cancel(question.Torrent!, id));
            throw;
        }
        finally
        {
            _questions.TryRemove(id, out _);
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        // With its input at its end it tells the trackers and ends by itself.
        await _child.Input.DisposeAsync();
        await ((Task)_child.Completion).WaitAsync(EndTime).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _child.DisposeAsync();
        await _listening;
        _writing.Dispose();
    }

    private async Task TellQuietlyAsync(SidecarCommand command)
    {
        try
        {
            await TellAsync(command, CancellationToken.None);
        }
        catch (SidecarGoneException)
        {
            // Then there is nothing to be told.
        }
    }

    private async Task ListenAsync()
    {
        await Task.Yield();
        try
        {
            while (await SidecarFrames.ReadAsync(_child.Output, CancellationToken.None) is { } frame)
            {
                Take(frame);
            }

            // It is most likely ending; how, says more than that it was ended.
            await ((Task)_child.Completion).WaitAsync(EndTime).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or JsonException or ObjectDisposedException or InvalidOperationException)
        {
            // What cannot be read is its end, too.
        }

        _child.Kill();
        var exit = await _child.Completion;
        var words = _child.ErrorTail.Split('\n')[^1];
        _endReason = words.Length > 0 ? $"it {exit}: {words}" : $"it {exit}";
        var gone = new SidecarGoneException(_endReason);
        _ready.TrySetException(gone);
        _ = _ready.Task.Exception; // Perhaps nobody waits for it.
        foreach (var question in _questions.Values)
        {
            question.TrySetException(gone);
            _ = question.Task.Exception;
        }
    }

    private void Take(SidecarFrame frame)
    {
        switch (frame.Event)
        {
            case { Event: "ready" }:
                _ready.TrySetResult();
                break;
            case { Event: "data", Id: { } id }:
                if (_questions.TryRemove(id, out var asked))
                {
                    asked.TrySetResult(frame.Payload);
                }

                break;
            case { Event: "refused", Id: { } id, Reason: { } reason }:
                if (_questions.TryRemove(id, out var refused))
                {
                    refused.TrySetException(new TorrentException(reason));
                    _ = refused.Task.Exception;
                }

                break;
            case { Torrent: not null }:
                _news(frame);
                break;
        }
    }

    private async Task WriteLineAsync(byte[] line, CancellationToken ct)
    {
        Array.Resize(ref line, line.Length + 1);
        line[^1] = (byte)'\n';
        await WriteAsync(line, ct);
    }

    private async Task WriteAsync(byte[] bytes, CancellationToken ct)
    {
        try
        {
            await WriteInTurnAsync(bytes, ct);
        }
        catch (ObjectDisposedException)
        {
            throw new SidecarGoneException(_endReason ?? "it has ended"); // Between the question whether it has and this.
        }
    }

    private async Task WriteInTurnAsync(byte[] bytes, CancellationToken ct)
    {
        await _writing.WaitAsync(ct);
        try
        {
            // Half a line would be worse than one that nobody needs any more.
            await _child.Input.WriteAsync(bytes, CancellationToken.None);
            await _child.Input.FlushAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            await _listening;
            throw new SidecarGoneException(_endReason ?? "it has ended");
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Its length in a line, then the program.</summary>
    private static byte[] Program()
    {
        using var resource = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource)!;
        using var program = new MemoryStream();
        resource.CopyTo(program);
        return [.. Encoding.ASCII.GetBytes($"{program.Length}\n"), .. program.ToArray()];
    }
}
