using Sluice.Server.Hosting;
using Sluice.Server.Publishing;

namespace Sluice.Server.Cli;

/// <summary>Tries every place that titles are published to: whether it is reached, is who it should be, takes a file, gives it back, and lets it go.</summary>
internal static class PublishCheck
{
    /// <summary>The file that is tried with. Where nothing can be removed it stays, the same each time.</summary>
    public const string Trial = "sluice-trial.txt";

    /// <summary>What was found, a line for each place.</summary>
    public static async Task<IReadOnlyList<Finding>> OfAsync(SluiceOptions options, CancellationToken ct)
    {
        var findings = new List<Finding>();
        foreach (var (name, given) in options.Publish.Targets.OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            findings.Add(await OfAsync("publish." + name, given, options, ct));
        }

        return findings;
    }

    private static async Task<Finding> OfAsync(string subject, string given, SluiceOptions options, CancellationToken ct)
    {
        if (TargetAddress.TryParse(given) is not { } address)
        {
            return new Finding(Severity.Fail, subject, $"'{given}' is no place to publish to", $"name {TargetAddress.Rule}");
        }

        try
        {
            var target = PublishTargets.Open(address, given, RemotePlaces.ForCommand(options), TimeProvider.System);
            var isNew = address.Kind == TargetKind.Folder && !Directory.Exists(address.Place);
            await target.PutAsync(Trial, "sluice doctor tries whether this place takes a file.\n"u8.ToArray(), "text/plain", ct);
            if (!target.CanRemove)
            {
                return new Finding(Severity.Ok, subject, $"{target.Place} takes files and gives them back; nothing can be removed there, so {Trial} stays");
            }

            await target.RemoveAsync(Trial, ct);
            if (isNew)
            {
                Leave(address.Place);
            }

            return await target.KeepsConditionsAsync(ct)
                ? new Finding(Severity.Ok, subject, $"{target.Place} takes files, gives them back and lets them go")
                : new Finding(Severity.Warn, subject, $"{target.Place} works, but {S3Check.NoConditions}", S3Check.OneAtATime);
        }
        catch (PublishException e)
        {
            return new Finding(Severity.Fail, subject, e.Message.TrimEnd('.'), e.Hint.TrimEnd('.'));
        }
    }

    private static void Leave(string folder)
    {
        try
        {
            Directory.Delete(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody else has begun to use it, or gives no right to: it was to be there anyway.
        }
    }
}
