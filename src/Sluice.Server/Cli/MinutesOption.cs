using System.CommandLine;
using System.Globalization;

namespace Sluice.Server.Cli;

/// <summary>An option that takes a number of minutes, refused here when it is none, before any server is asked.</summary>
internal static class MinutesOption
{
    /// <summary>An option of one minute or more; null when not given.</summary>
    public static Option<int?> Create(string name, string description)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = "MINUTES" };
        option.Validators.Add(given =>
        {
            // What is no number at all is refused by the library.
            if (given.Tokens.Count == 1
                && int.TryParse(given.Tokens[0].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var minutes)
                && minutes < 1)
            {
                given.AddError($"{name} must be 1 or more, not {minutes}.");
            }
        });
        return option;
    }
}
