using Microsoft.Win32.SafeHandles;
using Sluice.Server.Catalog;
using Sluice.Server.Processes;
using Sluice.Server.Store;

namespace Sluice.Server.Package.Arriving;

/// <summary>
/// A file that is repackaged while it arrives. It is scratch until the title is published with it.
/// <code>
///   landing file ──► RemuxFeed ──► ffmpeg -c copy ──► an MP4 in fragments, on the disk ──► read as any MP4 that arrives
///                 as far as it has come                  as far as it is written
/// </code>
/// </summary>
internal sealed partial class ArrivingRemux : IArrivingMovie
{
    private const int BufferBytes = 64 << 10;

    /// <summary>An MP4 is hardly larger than what is copied into it; a file of nothing but tiny frames may double.</summary>
    private const int MostGrowth = 2;
    private const long MostOverhead = 64 << 20;

    /// <summary>The room on the disk is looked at after so much.</summary>
    private const long BetweenLooksAtDisk = 64 << 20;

    private readonly ArrivingFile _file;
    private readonly LandedSource _source;
    private readonly RemuxFeed _feed;
    private readonly IObjectStore _store;
    private readonly ILogger _logger;
    private readonly SafeFileHandle _made;
    private readonly CancellationTokenSource _stop = new();
    private readonly long _mostBytes;
    private long _length;
    private long _landed;

    /// <param name="file">What arrives.</param>
    /// <param name="source">Its bytes; disposed of with this.</param>
    /// <param name="path">Where the MP4 goes; must not exist yet.</param>
    /// <param name="plan">How it is made.</param>
    /// <param name="child">Makes it.</param>
    /// <param name="feed">Feeds it.</param>
    /// <param name="store">Says how much room there is.</param>
    /// <param name="logger">Is told of failures.</param>
    public ArrivingRemux(
        ArrivingFile file, LandedSource source, string path, RemuxPlan plan, ChildProcess child, RemuxFeed feed, IObjectStore store, ILogger logger)
    {
        (_file, _source, _feed, _store, _logger, Path, Plan) = (file, source, feed, store, logger, path, plan);
        _made = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        _mostBytes = (MostGrowth * file.TotalBytes) + MostOverhead;
        _length = _mostBytes;
        Ended = RunAsync(child);
    }

    /// <summary>Where the MP4 lies.</summary>
    public string Path { get; }

    /// <summary>How it is made.</summary>
    public RemuxPlan Plan { get; }

    /// <summary>Ends when nothing more comes: it is whole, or has a <see cref="Problem"/>. Never fails.</summary>
    public Task Ended { get; }

    /// <summary>ffmpeg has read the file to its end, and all that it made of it is there.</summary>
    public bool IsWhole => Ended.IsCompleted && Problem is null;

    /// <inheritdoc />
    public bool IsBehind => !Ended.IsCompleted && _feed.IsBehind;

    /// <inheritdoc />
    public string? Problem { get; private set; }

    /// <inheritdoc />
    public long Length => Volatile.Read(ref _length);

    /// <inheritdoc />
    public long LandedBytes => Volatile.Read(ref _landed);

    /// <inheritdoc />
    public int Read(long offset, Span<byte> destination)
    {
        var there = LandedBytes - offset;
        return offset < 0 || there <= 0 ? 0 : RandomAccess.Read(_made, destination[..(int)Math.Min(destination.Length, there)], offset);
    }

    /// <summary>It was ended by <see cref="Stop"/>: that says nothing of the file.</summary>
    public bool IsStopped => _stop.IsCancellationRequested;

    /// <summary>Ends ffmpeg, if it still runs. What it has made can be read on.</summary>
    public void Stop() => _stop.Cancel();

    /// <summary>Ends ffmpeg, if it still runs. Nobody may read any more.</summary>
    public void Dispose()
    {
        Stop();
        _ = CloseAsync();
    }

    private async Task CloseAsync()
    {
        await Ended;
        _made.Dispose();
        _source.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync(ChildProcess child)
    {
        await Task.Yield(); // Whoever starts it does not wait for its first bytes.
        try
        {
            await using (child)
            {
                using var ended = new CancellationTokenSource();
                await using var stopping = _stop.Token.UnsafeRegister(static c => ((ChildProcess)c!).Kill(), child);
                var feeding = _feed.RunAsync(child.Input, child.Kill, ended.Token);
                string? problem;
                ChildExit exit;
                try
                {
                    problem = await KeepAsync(child.Output);
                    if (problem is not null)
                    {
                        child.Kill();
                    }

                    exit = await child.Completion;
                }
                finally
                {
                    child.Kill(); // Or whoever feeds it would wait for it, when what it made could not be kept.
                    await ended.CancelAsync();
                    await feeding;
                }

                Problem = problem ?? (exit.IsSuccess ? null : $"ffmpeg {exit}");
                if (Problem is not null && !_stop.IsCancellationRequested)
                {
                    Log.Ended(_logger, _file.Id, Problem, child.ErrorTail);
                }
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Problem = "the server could not repackage it; its log says more";
            Log.Failed(_logger, e, _file.Id);
        }

        if (Problem is null)
        {
            Volatile.Write(ref _length, LandedBytes);
        }
    }

    /// <summary>Writes down what ffmpeg makes; answers why it stopped to, or null at the end.</summary>
    private async Task<string?> KeepAsync(Stream output)
    {
        var buffer = new byte[BufferBytes];
        var looked = 0L;
        try
        {
            while (await output.ReadAsync(buffer, CancellationToken.None) is > 0 and var count)
            {
                var before = LandedBytes;
                if (before + count > _mostBytes)
                {
                    return "what is made of it becomes far larger than it is";
                }

                if (before - looked >= BetweenLooksAtDisk)
                {
                    looked = before;
                    if (_store.FreeBytes < _file.TotalBytes - _file.LandedBytes)
                    {
                        return "the disk has no room for more than the file itself";
                    }
                }

                RandomAccess.Write(_made, buffer.AsSpan(0, count), before);
                Volatile.Write(ref _landed, before + count);
            }

            return null;
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            return "the disk is full";
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "{Asset} plays no further while it arrives: {Problem}. {Words}")]
        public static partial void Ended(ILogger logger, AssetId asset, string problem, string words);

        [LoggerMessage(Level = LogLevel.Error, Message = "{Asset} cannot be repackaged while it arrives; it plays once all of it is there")]
        public static partial void Failed(ILogger logger, Exception e, AssetId asset);
    }
}
