using System.Globalization;
using Sluice.Media.Binary;
using Sluice.Server.Processes;

namespace Sluice.Server.Probe;

/// <summary>Learns of a source from its beginning alone, through ffprobe: the rest may still be on its way. Nothing is measured.</summary>
internal sealed class HeadReader(FfmpegTools tools)
{
    private const int MostJsonBytes = 4 << 20;
    private const int PieceBytes = 64 << 10;

    private static readonly ChildLimits Limits = new() { WallTime = TimeSpan.FromSeconds(60), CpuSeconds = 15, MemoryBytes = 2L << 30, FileBytes = 0 };

    /// <summary>The facts of what ffprobe reads by itself, through a proxy; null when it can make nothing of it.</summary>
    /// <param name="source">What ffprobe opens, and what may be opened of it.</param>
    /// <param name="proxy">Address of the proxy.</param>
    /// <param name="ct">Ends ffprobe too.</param>
    public Task<SourceFacts?> ReadAsync(string[] source, string proxy, CancellationToken ct) =>
        AskAsync([.. source[..^1], "-show_format", "-show_streams", "-of", "json", source[^1]], proxy, null, ct);

    /// <summary>The facts; null when ffprobe can make nothing of so much of it. The same bytes give the same answer.</summary>
    /// <param name="source">The source.</param>
    /// <param name="bytes">Bytes of its beginning, all of which are there.</param>
    /// <param name="ct">Ends ffprobe too.</param>
    public Task<SourceFacts?> ReadAsync(IByteSource source, long bytes, CancellationToken ct) => AskAsync(
        [
            .. FfmpegGuard.Input, "-probesize", bytes.ToString(CultureInfo.InvariantCulture),
            "-count_packets", "-show_format", "-show_streams", "-of", "json", "pipe:0",
        ],
        null, input => FeedAsync(input, source, bytes, ct), ct);

    private async Task<SourceFacts?> AskAsync(string[] arguments, string? proxy, Func<Stream, Task>? feed, CancellationToken ct)
    {
        await using var child = await ChildProcess.StartAsync(
            new ChildCommand
            {
                Program = tools.ProbeProgram ?? "",
                Arguments = ["-v", "error", .. arguments],
                WorkingFolder = Path.GetTempPath(),
                Proxy = proxy,
                Limits = Limits,
                ReadsOutput = true,
                WritesInput = feed is not null,
            },
            ct);
        var feeding = feed?.Invoke(child.Input) ?? Task.CompletedTask;
        var json = await child.ReadOutputAsync(MostJsonBytes, ct);
        var exit = await child.Completion;
        await feeding;
        ct.ThrowIfCancellationRequested();
        return exit.IsSuccess && json is not null && FfprobeAnswer.TryParse(json) is { Format: { FormatName: { } format } header } answer
            ? FactsOf(header, HeaderFacts.StreamsOf(answer), format)
            : null;
    }

    private static SourceFacts FactsOf(FfprobeFormat header, List<FfprobeStream> raw, string format)
    {
        var facts = HeaderFacts.Of(header, raw, format, isWebM: false);
        return facts with
        {
            IsMeasured = false,
            Streams = [.. facts.Streams.Zip(raw, (s, r) => s with { IsLate = FfprobeText.Whole(r.NbReadPackets) is not > 0 })],
        };
    }

    private static async Task FeedAsync(Stream input, IByteSource source, long bytes, CancellationToken ct)
    {
        try
        {
            var piece = new byte[PieceBytes];
            for (long at = 0; at < bytes && source.Read(at, piece) is > 0 and var count; at += count)
            {
                await input.WriteAsync(piece.AsMemory(0, (int)Math.Min(count, bytes - at)), ct);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return; // It has read enough.
        }
        finally
        {
            await input.DisposeAsync();
        }
    }
}
