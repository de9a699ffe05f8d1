using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sluice.Server.Catalog;
using Sluice.Server.Probe;
using Sluice.Server.Store;
using Spectre.Console;

namespace Sluice.Server.Cli;

/// <summary><c>sluice probe</c>: says per track whether browsers can play it as it is, and why not.</summary>
internal static class ProbeCommand
{
    /// <summary>Exit code when the file is media, but does not play before it is encoded.</summary>
    private const int NeedsTranscode = 2;

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
            Task.Run(() => Run(arguments.GetRequiredValue(file), arguments.GetValue(json)), ct).WaitAsync(ct));
        return command;
    }

    private static int Run(FileInfo file, bool asJson)
    {
        if (!file.Exists)
        {
            throw new CommandException($"There is no file {file}.");
        }

        using var source = new FileByteSource(file.FullName);
        var triage = Triage.Judge(source);
        var report = new ProbeReport(
            file.Name,
            triage.RefusedReason is not null ? "refused" : triage.Reason is not null ? StateNames.NeedsTranscode : StateNames.Ready,
            triage.RefusedReason ?? triage.Reason ?? triage.Loss,
            triage.Tracks.Select(t => t.Probed.Seconds).DefaultIfEmpty().Max(),
            [.. triage.Tracks.Select(t => t.Verdict)]);

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
            "refused" => CommandRunner.Failed,
            _ => NeedsTranscode,
        };
    }

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
            "ready" when report.Reason is { } loss => $"plays, nothing is encoded, but {loss}",
            "ready" => "plays as it is: nothing is encoded",
            "refused" => $"cannot be played: {report.Reason}",
            _ => $"needs encoding: {report.Reason}",
        };
        console.WriteLine($"{report.File} {verdict}");
    }
}

/// <summary>What <c>sluice probe --json</c> prints.</summary>
/// <param name="File">Name of the file.</param>
/// <param name="State"><c>ready</c>, <c>needs-transcode</c> or <c>refused</c>.</param>
/// <param name="Reason">Why it is not ready, or what is lost; null when all is well.</param>
/// <param name="DurationSeconds">Presented length.</param>
/// <param name="Tracks">Verdict on every track.</param>
internal sealed record ProbeReport(
    string File, string State, string? Reason, double DurationSeconds, IReadOnlyList<TrackVerdict> Tracks);

[JsonSerializable(typeof(ProbeReport))]
internal sealed partial class ProbeJson : JsonSerializerContext
{
    /// <summary>For a terminal or a file, where nothing needs escaping for HTML.</summary>
    public static ProbeJson Relaxed { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
