using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Probe;
using Sluice.Server.Processes;
using Spectre.Console;

namespace Sluice.Server.Cli;

/// <summary><c>sluice probe</c>: says per track whether browsers can play it as it is, and why not.</summary>
internal static class ProbeCommand
{
    /// <summary>Exit code when the file is media, but does not play as it lies.</summary>
    private const int NeedsWork = 2;

    /// <summary>Columns of the table in a pipe, where there is no terminal to ask.</summary>
    private const int PipeWidth = 200;

    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "What to look at." };
        var json = new Option<bool>("--json") { Description = "Print JSON instead of a table." };
        var command = new Command("probe", "Say per track whether browsers can play it as it is, and why not.") { file, json };
        // It leaves nothing behind, so that a read that hangs (a pipe, a dead mount) need not be waited for.
        command.SetAction((arguments, ct) =>
            Task.Run(() => RunAsync(arguments.GetRequiredValue(file), arguments.GetValue(json), ct), ct).WaitAsync(ct));
        return command;
    }

    private static async Task<int> RunAsync(FileInfo file, bool asJson, CancellationToken ct)
    {
        if (!file.Exists)
        {
            throw new CommandException($"There is no file {file}.");
        }

        var tools = new FfmpegTools();
        var verdict = await new SourceTriage(tools, new SourceReader(tools)).JudgeAsync(file.FullName, ct);
        var report = new ProbeReport(
            file.Name,
            StateOf(verdict.Fate),
            verdict.Reason,
            verdict.Loss,
            verdict.DurationSeconds,
            [.. verdict.Tracks.Select(t => t.Verdict)],
            verdict.Facts);

        if (asJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(report, ProbeJson.Relaxed.ProbeReport));
        }
        else
        {
            Print(report);
        }

        return report.State switch
        {
            "ready" => 0,
            "refused" => ExitCode.Failed,
            _ => NeedsWork,
        };
    }

    private static string StateOf(SourceFate fate) => fate switch
    {
        SourceFate.Ready => StateNames.Ready,
        SourceFate.Remux => "remux",
        SourceFate.Encode => "encode",
        SourceFate.Kept => StateNames.NeedsTranscode,
        _ => "refused",
    };

    private static void Print(ProbeReport report)
    {
        var table = new Table().Border(TableBorder.Simple)
            .AddColumns("Track", "Kind", "What it is", "Language", "Action", "Why");
        foreach (var track in report.Tracks)
        {
            table.AddRow(
                Markup.Escape(track.Id ?? "-"), Markup.Escape(track.Kind), Markup.Escape(track.Description),
                Markup.Escape(track.Language ?? "-"), Markup.Escape(track.Action), Markup.Escape(track.Reason));
        }

        var console = AnsiConsole.Console;
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = PipeWidth;
        }

        if (report.Tracks.Count > 0)
        {
            console.Write(table);
        }

        var verdict = report.State switch
        {
            "ready" when report.Loss is { } loss => $"plays, nothing is encoded, but {loss}",
            "ready" => "plays as it is: nothing is encoded",
            "refused" => $"cannot be played: {report.Reason}",
            "remux" => $"needs repackaging: {report.Reason}",
            _ => $"needs encoding: {report.Reason}",
        };
        console.WriteLine($"{report.File} {verdict}");
        if (report is { State: not "ready", Loss: { } missing })
        {
            console.WriteLine($"Afterwards: {missing}");
        }
    }
}

/// <summary>What <c>sluice probe --json</c> prints.</summary>
/// <param name="File">Name of the file.</param>
/// <param name="State"><c>ready</c>; <c>remux</c> or <c>encode</c>, which this machine can do; <c>needs-transcode</c>, which it
/// cannot; or <c>refused</c>.</param>
/// <param name="Reason">Why it is not ready; null when it is.</param>
/// <param name="Loss">What is lost although it plays; null when nothing is.</param>
/// <param name="DurationSeconds">Presented length.</param>
/// <param name="Tracks">Verdict on every track.</param>
/// <param name="Facts">What ffprobe says; null when it was not asked.</param>
internal sealed record ProbeReport(
    string File, string State, string? Reason, string? Loss, double DurationSeconds, IReadOnlyList<TrackVerdict> Tracks, SourceFacts? Facts);

[JsonSerializable(typeof(ProbeReport))]
internal sealed partial class ProbeJson : JsonSerializerContext
{
    /// <summary>For a terminal or a file, where nothing needs escaping for HTML.</summary>
    public static ProbeJson Relaxed { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter<StreamKind>(JsonNamingPolicy.CamelCase) },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
